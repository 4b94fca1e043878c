// DPDK's environment (EAL), started with arguments made from our options.
#pragma once

#include "dataplane/options.hpp"

#include <string>
#include <vector>

namespace holdfast::dataplane {

// The arguments, program name first.
std::vector<std::string> eal_arguments(const Options& options);

// Starts EAL: lcore 0 is the calling thread, lcore 1 the worker. Throws StartError.
void start_eal(const Options& options);

}  // namespace holdfast::dataplane
