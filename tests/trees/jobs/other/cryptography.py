import sys
sys.path.pop(0)
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
digest = hashes.Hash(hashes.SHA256())
digest.update(b"a")
print(digest.finalize().hex())
fernet = Fernet(Fernet.generate_key())
print(fernet.decrypt(fernet.encrypt(b"hi")), rsa.generate_private_key(65537, 2048).key_size)
