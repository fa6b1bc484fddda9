import sys
sys.path.pop(0)
import psycopg2
from psycopg2 import extensions
print(extensions.adapt("it's").getquoted(), psycopg2.__libpq_version__ > 0)
try:
    psycopg2.connect("host=127.0.0.1 port=1 connect_timeout=5")
except psycopg2.OperationalError as error:
    print(str(error).splitlines()[0])
