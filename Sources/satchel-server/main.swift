print("satchel-server")
