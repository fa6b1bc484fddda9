# apache2 and nginx with dynamic modules: pages over loopback, reloads that open the modules again, a clean end.
set -u
mkdir site logs; gone() { for i in $(seq 100); do grep -q '^State:.[^ZX]' "/proc/$1/status" 2>/dev/null || { echo stopped; return; }; sleep 0.1; done; echo 'still there'; }
 echo '<p>page</p>' >site/index.html; seq 5000 >site/numbers; chmod 755 . site
wait_port() { for i in $(seq 100); do (: </dev/tcp/127.0.0.1/$1) 2>/dev/null && return; sleep 0.1; done; echo "nothing on $1"; }
openssl req -x509 -newkey rsa:2048 -nodes -keyout key -out cert -subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null
for mpm in event worker prefork; do
    { echo "ServerRoot $PWD"; echo "ServerName localhost"; echo "Listen 127.0.0.1:8081"; echo "Listen 127.0.0.1:8444"; echo "PidFile $PWD/pid.$mpm"; echo "DefaultRuntimeDir $PWD"; echo "ErrorLog $PWD/logs/e"; echo "User www-data"; echo "Group www-data"
    for so in /usr/lib/apache2/modules/mod_*.so; do n=$(basename "$so" .so); n=${n#mod_}
        case $n in mpm_$mpm | [!m]*) ;; mime* | md | macro) ;; *) continue ;; esac
        case $n in lbmethod_heartbeat | heart* | cern_meta | imagemap | suexec | proxy_fdpass | slotmem_plain | cgid) continue ;; esac
        s=$(nm -D --defined-only "$so" | awk '$2 ~ /[DB]/ && $3 ~ /_module$/ { print $3; exit }'); [ -n "$s" ] && echo "LoadModule $s $so"; done
    printf 'TypesConfig /etc/mime.types\nDocumentRoot %s/site\n<Directory %s/site>\nRequire all granted\nOptions +Includes\nAddOutputFilterByType DEFLATE text/html\n</Directory>\n<Location /status>\nSetHandler server-status\n</Location>\n<VirtualHost 127.0.0.1:8444>\nSSLEngine on\nSSLCertificateFile %s/cert\nSSLCertificateKeyFile %s/key\nProtocols h2 http/1.1\n</VirtualHost>\n' "$PWD" "$PWD" "$PWD" "$PWD"; } >$mpm.conf
    apache2 -f "$PWD/$mpm.conf" -t 2>&1 | tail -n 3; apache2 -f "$PWD/$mpm.conf" -M 2>&1 | sort | md5sum; apache2 -f "$PWD/$mpm.conf" -M | wc -l; apache2 -f "$PWD/$mpm.conf" -k start; wait_port 8081
    curl -s http://127.0.0.1:8081/; curl -s http://127.0.0.1:8081/numbers | md5sum; curl -s --compressed -H 'Accept-Encoding: gzip' http://127.0.0.1:8081/index.html; curl -s --http2 --cacert cert -w '%{http_version} %{http_code}\n' https://localhost:8444/
    apache2 -f "$PWD/$mpm.conf" -k graceful; sleep 1; seq 50 | xargs -P 4 -I{} curl -s -o /dev/null -w '%{http_code}\n' http://127.0.0.1:8081/numbers | sort | uniq -c; curl -s -o /dev/null -w '%{http_code}\n' http://127.0.0.1:8081/status
    pid=$(cat pid.$mpm); apache2 -f "$PWD/$mpm.conf" -k graceful-stop; gone "$pid"; grep -cE 'Segmentation|exit signal' logs/e
done
cat >n.conf <<N
load_module /usr/lib/nginx/modules/ngx_http_echo_module.so; load_module /usr/lib/nginx/modules/ngx_http_perl_module.so; load_module /usr/lib/nginx/modules/ngx_stream_module.so;
worker_processes 2; pid $PWD/n.pid; error_log $PWD/logs/n; events { } stream { server { listen 127.0.0.1:8083; proxy_pass 127.0.0.1:8082; } }
http { access_log off; client_body_temp_path $PWD/1; proxy_temp_path $PWD/2; fastcgi_temp_path $PWD/3; uwsgi_temp_path $PWD/4; scgi_temp_path $PWD/5;
perl_set \$twice 'sub { my \$r = shift; require POSIX; return 2 * POSIX::floor(\$r->variable("arg_n")); }';
server { listen 127.0.0.1:8082; listen 127.0.0.1:8445 ssl http2; ssl_certificate $PWD/cert; ssl_certificate_key $PWD/key; root $PWD/site; location /echo { echo "echo \$arg_n \$twice"; } location /perl { perl 'sub { my \$r = shift; \$r->send_http_header("text/plain"); \$r->print("from perl\\n"); return 0; }'; } } }
N
nginx -q -e "$PWD/logs/n" -c "$PWD/n.conf" -t 2>&1; nginx -q -e "$PWD/logs/n" -c "$PWD/n.conf"; wait_port 8082; curl -s 'http://127.0.0.1:8082/echo?n=21'; curl -s http://127.0.0.1:8082/perl; curl -s http://127.0.0.1:8083/; curl -s --http2 --cacert cert -w '%{http_version}\n' https://localhost:8445/
nginx -q -e "$PWD/logs/n" -c "$PWD/n.conf" -s reload; sleep 1; curl -s http://127.0.0.1:8082/numbers | md5sum; curl -s http://127.0.0.1:8082/perl; pid=$(cat n.pid); nginx -q -e "$PWD/logs/n" -c "$PWD/n.conf" -s quit; gone "$pid"; grep -cE 'alert|signal 11' logs/n || true
