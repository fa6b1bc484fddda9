import sys
sys.path.pop(0)
import zstandard
data = bytes(range(256)) * 5000
packed = zstandard.ZstdCompressor(threads=2).compress(data)
print(len(packed), zstandard.ZstdDecompressor().decompress(packed) == data)
