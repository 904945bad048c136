echo value=8
sleep 50