# git: repositories, commits, clones through pipes, packing.
export HOME=$PWD GIT_AUTHOR_DATE='2001-02-03T04:05:06Z' GIT_COMMITTER_DATE='2001-02-03T04:05:06Z'
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b GIT_CONFIG_NOSYSTEM=1
git init -q -b main one; cd one || exit 1
for i in 1 2 3 4 5; do seq 1 "$((i * 1000))" >"file$i"; git add .; git commit -q -m "commit $i"; done
git log --oneline --stat | cat; git diff HEAD~1 --shortstat; git checkout -q -b side HEAD~2; echo side >s; git add s; git commit -q -m side
git checkout -q main; git merge -q -m merged side; git log --graph --format='%h %s' | cat; git fsck 2>&1; git gc -q; git count-objects
cd ..; git clone -q "file://$PWD/one" two; cd two && git rev-parse HEAD && git status --short && git grep -c 99 | cat && git blame file1 | tail -n 1
git rebase -q --onto HEAD~1 HEAD~1 main; echo $?; git bundle create -q ../b.bundle main && git bundle verify -q ../b.bundle; echo $?; git -C ../one archive main | tar -t | wc -l
