echo value=5
sleep 50