# The package tools, which open nothing at run time but read much.
dpkg -l | md5sum; dpkg -l bash | tail -n 1; dpkg -S /bin/bash 2>&1; dpkg --audit; echo $?; dpkg-query -W -f '${Package} ${Version}\n' | wc -l
apt-cache policy bash | md5sum; apt-cache show apt | head -n 2; apt-config dump | wc -l; apt-get --version | head -n 1; apt list --installed 2>/dev/null | wc -l
apt-get -s install bash 2>&1 | tail -n 2; echo 'Package: x' | md5sum
mkdir -p p/DEBIAN; printf 'Package: p\nVersion: 1\nArchitecture: all\nMaintainer: a <a@b>\nDescription: p\n' >p/DEBIAN/control
SOURCE_DATE_EPOCH=0 dpkg-deb --root-owner-group -b p p.deb && dpkg-deb -I p.deb | tail -n 5; dpkg --verify bash; debconf-show debconf 2>/dev/null | wc -l
gpgv --version | head -n 1; openssl version; echo abc | openssl dgst -sha256; openssl genrsa 1024 2>/dev/null | openssl rsa -check -noout 2>&1 | tail -n 1; openssl enc -aes-128-cbc -k a -pbkdf2 -S 0011223344556677 -in /etc/passwd | md5sum
