echo value=1
sleep 50