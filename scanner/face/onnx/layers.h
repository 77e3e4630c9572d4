#pragma once

#ifdef __cplusplus
extern "C" {
#endif

// Runs a cv::dnn::Net and copies the named outputs, one after the other, into
// values, which holds room floats; lengths gets how many each has. Returns how
// many floats there are, though room be fewer, and -1 where OpenCV threw.
int loketForwardLayers(void *net, const char *names, int count, float *values, int room, int *lengths);

#ifdef __cplusplus
}
#endif
