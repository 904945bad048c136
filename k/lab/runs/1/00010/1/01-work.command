echo value=3
sleep 50