echo value=6
sleep 50