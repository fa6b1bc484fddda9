# openssl: digests, keys, certificates, providers opened at run time, TLS over loopback; curl to it, to files, to a plain server.
set -u
echo abc >x; openssl version; for d in md5 sha256 sha3-512 blake2b512 ripemd160; do openssl dgst -provider legacy -provider default -$d x; done
openssl list -providers -provider legacy -provider default | grep -v version; openssl enc -des-ecb -K 0011223344556677 -provider legacy -provider default -in x | od -An -tx1
openssl genrsa -out ca.key 2048 2>/dev/null; openssl req -x509 -new -key ca.key -subj /CN=ca -days 3650 -out ca.pem
openssl ecparam -name prime256v1 -genkey -noout -out s.key; openssl req -new -key s.key -subj /CN=localhost -addext subjectAltName=DNS:localhost -out s.csr
openssl x509 -req -in s.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650 -copy_extensions copy -out s.pem 2>&1; openssl verify -CAfile ca.pem s.pem
openssl dgst -sha256 -sign s.key -out sig x; openssl dgst -sha256 -verify <(openssl pkey -in s.key -pubout) -signature sig x
openssl pkcs12 -export -inkey s.key -in s.pem -passout pass:a -out s.p12; openssl pkcs12 -in s.p12 -passin pass:a -nokeys | grep subject; openssl genpkey -algorithm ed25519 | openssl pkey -noout -text | head -n 1
openssl s_server -accept 127.0.0.1:4433 -key s.key -cert s.pem -www -quiet >/dev/null 2>&1 & server=$!
for i in $(seq 100); do (: </dev/tcp/127.0.0.1/4433) 2>/dev/null && break; sleep 0.1; done
for v in -tls1_2 -tls1_3; do printf 'GET / HTTP/1.0\r\n\r\n' | openssl s_client -connect 127.0.0.1:4433 -servername localhost -verify_return_error -CAfile ca.pem $v -ign_eof 2>/dev/null | grep -E '^(HTTP|subject|Verification|    Protocol|New,|    Verify)'; done
curl --version | tr ' ' '\n' | sort | paste -sd' '; echo content >file; curl -s "file://$PWD/file"; curl -s --cacert ca.pem https://localhost:4433/ | grep -c '<'; echo "${PIPESTATUS[*]}"
curl -sS https://localhost:4433/ 2>&1 | head -n 1; curl -sS http://nosuchhost.invalid/ 2>&1; kill $server
python3 -m http.server --bind 127.0.0.1 8080 >/dev/null 2>&1 & server=$!
for i in $(seq 100); do (: </dev/tcp/127.0.0.1/8080) 2>/dev/null && break; sleep 0.1; done
curl -s --http1.1 --compressed -Z http://127.0.0.1:8080/file http://127.0.0.1:8080/x | sort; curl -s -o /dev/null -w '%{http_code}\n' http://localhost:8080/none; kill $server
openssl speed -seconds 1 nosuch 2>&1 | head -n 1; openssl engine dynamic -pre SO_PATH:/usr/lib/x86_64-linux-gnu/engines-3/afalg.so -pre LOAD 2>&1 | head -n 2; openssl rand -hex 8 | wc -c
