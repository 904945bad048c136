echo value=2
sleep 50