echo value=4
sleep 50