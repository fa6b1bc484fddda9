import sys
sys.path.pop(0)
import threading
import numpy
matrix = numpy.arange(9.0).reshape(3, 3) + numpy.eye(3)
print(numpy.linalg.inv(matrix).round(6).tolist(), (matrix @ matrix).sum(), numpy.longdouble("1.5"))
print(numpy.fft.fft(numpy.arange(8)).round(6).tolist())
results = {}
def work(number):
    values = numpy.random.default_rng(number).random((200, 200))
    results[number] = round(float((values @ values).sum()), 3)
threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(results.items()))
