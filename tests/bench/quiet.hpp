// Keeps the other processors from everybody else for some milliseconds: what runs on the other hardware thread of a
// core slows this one by half, and on a shared machine nobody can say when. Without the right to real-time priority it
// does nothing.
#pragma once

#include <atomic>
#include <pthread.h>
#include <sched.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace holdfast::bench {

class Quiet {
 public:
  // The calling thread stays on the last processor.
  Quiet() {
    const auto processors = static_cast<unsigned>(::sysconf(_SC_NPROCESSORS_ONLN));
    for (unsigned i = 0; i + 1 < processors; ++i) others_.emplace_back([this, i] { hold(i); });
    bind(processors - 1, 1);
  }
  ~Quiet() {
    end_ = true;
    begin_ = true;
    begin_.notify_all();
    for (auto& other : others_) other.join();
  }

  void begin() {
    begin_ = true;
    begin_.notify_all();
    ::sched_yield();
    while (held_ != others_.size() && works_) __builtin_ia32_pause();
  }
  void end() { begin_ = false; }

 private:
  void bind(unsigned processor, int priority) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(processor, &one);
    const sched_param real_time{.sched_priority = priority};
    if (::pthread_setaffinity_np(::pthread_self(), sizeof(one), &one) != 0 ||
        ::pthread_setschedparam(::pthread_self(), SCHED_FIFO, &real_time) != 0)
      works_ = false;
  }
  void hold(unsigned processor) {
    bind(processor, 1);
    while (!end_) {
      begin_.wait(false);
      if (!works_) return;
      ++held_;
      while (begin_ && !end_) __builtin_ia32_pause();
      --held_;
    }
  }

  std::atomic<bool> begin_{false}, end_{false}, works_{true};
  std::atomic<std::size_t> held_{0};
  std::vector<std::thread> others_;
};

}  // namespace holdfast::bench
