#include "layers.h"

#include <algorithm>
#include <string>
#include <vector>

#include <opencv2/dnn.hpp>

int loketForwardLayers(void *net, const char *names, int count, float *values, int room, int *lengths) {
	try {
		std::vector<cv::String> wanted;
		for (int i = 0; i < count; i++) {
			wanted.emplace_back(names); // each ends with a zero byte
			names += wanted.back().size() + 1;
		}
		std::vector<cv::Mat> outputs;
		static_cast<cv::dnn::Net *>(net)->forward(outputs, wanted);
		int total = 0;
		for (int i = 0; i < count; i++) {
			const cv::Mat &m = outputs.at(i);
			if (m.type() != CV_32F || !m.isContinuous()) {
				return -1;
			}
			lengths[i] = static_cast<int>(m.total());
			if (total + lengths[i] <= room) {
				std::copy_n(m.ptr<float>(), lengths[i], values + total);
			}
			total += lengths[i];
		}
		return total;
	} catch (const std::exception &) {
		return -1;
	}
}
