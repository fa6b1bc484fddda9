#define _GNU_SOURCE
#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static __thread int files, directories, links;
static int inner;

static int count(const char *path, const struct stat *facts, int kind, struct FTW *place)
{
    (void)path, (void)facts, (void)place;
    files += kind == FTW_F;
    directories += kind == FTW_D;
    links += kind == FTW_SL;
    return 0;
}

static int simple(const char *path, const struct stat *facts, int kind)
{
    (void)path, (void)facts;
    inner += kind == FTW_F;
    return 0;
}

static int outer(const char *path, const struct stat *facts, int kind, struct FTW *place)
{
    (void)path, (void)facts, (void)kind, (void)place;
    return ftw("tree", simple, 4);
}

static void *walk(void *result)
{
    nftw("tree", count, 4, FTW_PHYS);
    ((int *)result)[0] = files, ((int *)result)[1] = directories;
    return 0;
}

int run(void)
{
    mkdir("tree", 0755), mkdir("tree/sub", 0755);
    fclose(fopen("tree/file", "w"));
    unlink("tree/link");
    if (symlink("nowhere", "tree/link"))
        return 1;
    nftw("tree", count, 4, FTW_PHYS);
    printf("%d file, %d directories, %d link\n", files, directories, links);
    nftw("tree", outer, 4, FTW_PHYS);
    printf("inner walks: %d files\n", inner);
    pthread_t threads[2];
    int results[2][2];
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], 0, walk, results[i]);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], 0);
    printf("2 threads: %d files, %d directories\n", results[0][0] + results[1][0], results[0][1] + results[1][1]);
    return 0;
}
