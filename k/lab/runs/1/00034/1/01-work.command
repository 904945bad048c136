echo value=7
sleep 50