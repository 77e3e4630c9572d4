/* Reads QR codes with Debian's libzbar, for `make bench-qr`.
 *
 *   cc -O2 -o zbar zbar.c -lzbar
 *   ./zbar FOLDER
 *
 * FOLDER holds .pgm files (binary, 8 bits), made from the same pictures and the same luminance that our reader sees.
 * Prints one JSON object: images, found (at least one QR text), mean_ms of zbar_scan_image alone. Texts go to standard
 * error, one line "FILE<tab>TEXT", with --texts.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zbar.h>

static unsigned char *read_pgm(const char *path, int *w, int *h)
{
	int max;
	FILE *f = fopen(path, "rb");
	if (!f || fscanf(f, "P5 %d %d %d", w, h, &max) != 3 || max != 255) {
		fprintf(stderr, "zbar: %s is not an 8-bit P5 picture\n", path);
		exit(1);
	}
	fgetc(f);
	size_t n = (size_t)*w * *h;
	unsigned char *p = malloc(n);
	if (!p || fread(p, 1, n, f) != n) {
		fprintf(stderr, "zbar: %s ends early\n", path);
		exit(1);
	}
	fclose(f);
	return p;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: zbar FOLDER [--texts]\n");
		return 2;
	}
	int texts = argc > 2 && !strcmp(argv[2], "--texts");
	struct dirent **names;
	int n = scandir(argv[1], &names, NULL, alphasort);
	if (n < 0) {
		perror("zbar: open folder");
		return 1;
	}
	zbar_image_scanner_t *scanner = zbar_image_scanner_create();
	zbar_image_scanner_set_config(scanner, 0, ZBAR_CFG_ENABLE, 0);
	zbar_image_scanner_set_config(scanner, ZBAR_QRCODE, ZBAR_CFG_ENABLE, 1);
	int images = 0, found = 0;
	double total = 0;
	for (int i = 0; i < n; i++) {
		const char *dot = strrchr(names[i]->d_name, '.');
		if (!dot || strcmp(dot, ".pgm"))
			continue;
		char path[4096];
		snprintf(path, sizeof path, "%s/%s", argv[1], names[i]->d_name);
		int w, h;
		unsigned char *gray = read_pgm(path, &w, &h);
		zbar_image_t *image = zbar_image_create();
		zbar_image_set_format(image, zbar_fourcc('Y', '8', '0', '0'));
		zbar_image_set_size(image, w, h);
		zbar_image_set_data(image, gray, (unsigned long)w * h, NULL);
		struct timespec a, b;
		clock_gettime(CLOCK_MONOTONIC, &a);
		int hits = zbar_scan_image(scanner, image);
		clock_gettime(CLOCK_MONOTONIC, &b);
		total += (b.tv_sec - a.tv_sec) * 1e3 + (b.tv_nsec - a.tv_nsec) / 1e6;
		images++;
		if (hits > 0)
			found++;
		for (const zbar_symbol_t *s = zbar_image_first_symbol(image); texts && s; s = zbar_symbol_next(s))
			fprintf(stderr, "%s\t%s\n", names[i]->d_name, zbar_symbol_get_data(s));
		zbar_image_destroy(image);
		free(gray);
	}
	if (!images) {
		fprintf(stderr, "zbar: no .pgm in %s\n", argv[1]);
		return 1;
	}
	printf("{\"images\":%d,\"found\":%d,\"mean_ms\":%.3f}\n", images, found, total / images);
	return 0;
}
