#include "io/disk_copy.hpp"

#include "io/system.hpp"

#include <spdlog/spdlog.h>

#include <cerrno>
#include <csignal>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <system_error>
#include <unistd.h>

namespace holdfast::io {
namespace {

constexpr std::uint32_t kImageRecords = 4096;                // looked at between two looks at the queue
constexpr std::uint64_t kTransactionsAtLeast = 32ull << 20;  // octets, before a file is begun anew
constexpr Duration kBetweenImages = std::chrono::seconds(1);
constexpr int kNice = 10;

}  // namespace

DiskCopy::DiskCopy(std::filesystem::path region, std::filesystem::path path, Duration retry, std::size_t queue)
    : region_path_(std::move(region)),
      path_(std::move(path)),
      unfinished_(path_.string() + ".new"),
      retry_(retry),
      queue_(queue),
      doorbell_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (doorbell_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  // Signals are for the loop.
  sigset_t all{};
  sigset_t before{};
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread(&DiskCopy::run, this);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

DiskCopy::~DiskCopy() {
  (void)stop(Duration::max());
  if (thread_.joinable()) thread_.join();
  ::close(doorbell_);
}

void DiskCopy::committed(Octets transaction, const checkpoint::Committed&) {
  // Either it is seen here that transactions are wanted, or the image that is begun has this one.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (!accepting_.load(std::memory_order_relaxed)) return;
  if (!queue_.push(transaction)) {
    accepting_.store(false, std::memory_order_release);
    overruns_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  if (queue_.half_full() && !rung_.exchange(true)) (void)::eventfd_write(doorbell_, 1);
}

DiskCopy::Status DiskCopy::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

bool DiskCopy::stop(Duration limit) {
  if (!thread_.joinable()) return true;
  stopping_.store(true);
  (void)::eventfd_write(doorbell_, 1);
  std::unique_lock lock(mutex_);
  const auto ended = [this] { return has_ended_; };
  if (limit == Duration::max())
    ended_.wait(lock, ended);
  else if (!ended_.wait_for(lock, limit, ended))
    return false;
  lock.unlock();
  thread_.join();
  return true;
}

void DiskCopy::run() {
  (void)::setpriority(PRIO_PROCESS, 0, kNice);  // Linux: of this thread
  while (!stopping_.load()) {
    turn();
    if (!next_) wait();
  }
  give_up_next();
  synced_at_ = {};
  turn();  // the last transactions, to the disk
  const std::lock_guard lock(mutex_);
  has_ended_ = true;
  ended_.notify_all();
}

void DiskCopy::wait() const {
  pollfd ready{.fd = doorbell_, .events = POLLIN, .revents = 0};
  (void)::poll(&ready, 1, static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(kInterval).count()));
}

void DiskCopy::turn() {
  rung_.store(false);
  eventfd_t rings{};
  (void)::eventfd_read(doorbell_, &rings);
  drained_at_ = now();
  drained_.clear();
  queue_.take(drained_);
  const bool sync = drained_at_ - synced_at_ >= kInterval;
  if (sync) synced_at_ = drained_at_;
  if (file_)
    if (const Done done = go_on_with_file(sync); !done) {
      file_.reset();
      failed(done.error());
    }
  if (const Done done = go_on_with_next(sync); !done) {
    give_up_next();
    failed(done.error());
  }
  publish();
}

DiskCopy::Done DiskCopy::go_on_with_file(bool sync) {
  const bool all = accepting_.load();
  if (const Done done = append_transactions(*file_); !done || !sync) return done;
  if (const Done done = file_->file.sync(); !done) return done;
  if (all) mine_.current = drained_at_;
  return {};
}

DiskCopy::Done DiskCopy::go_on_with_next(bool sync) {
  if (next_ && !accepting_.load()) {  // some transactions will be missing
    give_up_next();
    next_image_ = drained_at_ + kBetweenImages;
  }
  const bool wanted = !file_ || !accepting_.load() || file_->file.octets() > 2 * image_octets_ + kTransactionsAtLeast;
  if (!next_ && wanted && drained_at_ >= next_image_ && !stopping_.load()) return begin_image();
  if (!next_) return {};
  if (const Done done = append_transactions(*next_); !done) return done;
  if (image_)
    if (const Done done = append_image(); !done) return done;
  if (sync)
    if (const Done done = next_->file.sync(); !done) return done;
  return !image_ && next_->sequence >= complete_at_ ? finish_image() : Done{};
}

// Those that come next in it.
DiskCopy::Done DiskCopy::append_transactions(File& file) {
  Octets rest = drained_;
  std::size_t from = drained_.size();
  std::size_t to = from;
  while (!rest.empty()) {
    const Octets frame = checkpoint::frame_at(rest);
    checkpoint::require(!frame.empty());
    const auto at = static_cast<std::size_t>(frame.data() - drained_.data());
    if (checkpoint::frame_sequence(frame) == file.sequence + 1) {
      from = std::min(from, at);
      to = at + frame.size();
      ++file.sequence;
    }
    rest = rest.subspan(frame.size());
  }
  return from == drained_.size() ? Done{} : file.file.append(Octets(drained_).subspan(from, to - from));
}

DiskCopy::Done DiskCopy::begin_image() {
  if (!region_) {
    auto region = checkpoint::Store::inspect(region_path_);
    if (!region) return fail(region_path_.string() + ": " + std::string(meaning(region.error())));
    region_.emplace(std::move(*region));
  }
  auto file = CopyFile::create(unfinished_);
  if (!file) return fail(file.error());
  if (!accepting_.exchange(true)) file_.reset();  // it lacks some transactions
  std::atomic_thread_fence(std::memory_order_seq_cst);
  next_.emplace(File{std::move(*file), region_->applied()});
  image_.emplace(*region_);
  complete_at_ = 0;
  const auto header = checkpoint::copy_header(region_->header(), clocks(), next_->sequence);
  return next_->file.append(checkpoint::object_octets(header));
}

DiskCopy::Done DiskCopy::append_image() {
  buffer_.clear();
  if (!image_->append(buffer_, kImageRecords)) {
    image_.reset();
    complete_at_ = region_->sequence();
  }
  return next_->file.append(buffer_);
}

DiskCopy::Done DiskCopy::finish_image() {
  buffer_.clear();
  checkpoint::append_mark(buffer_, next_->sequence);
  if (const Done done = next_->file.append(buffer_); !done) return done;
  if (const Done done = next_->file.sync(); !done) return done;
  if (const Done done = next_->file.rename(path_); !done) return done;
  file_ = std::move(next_);
  next_.reset();
  image_octets_ = file_->file.octets();
  ++mine_.images;
  mine_.error.clear();
  if (!logged_.empty() || mine_.images == 1)
    spdlog::info("checkpoint copy {}: {} octets, kept up to date from here", path_.string(), image_octets_);
  logged_.clear();
  return {};
}

void DiskCopy::give_up_next() {
  if (next_) next_->file.remove();
  next_.reset();
  image_.reset();
}

// What is on the disk stays, as old as it is.
void DiskCopy::failed(const std::string& why) {
  next_image_ = drained_at_ + retry_;
  ++mine_.errors;
  mine_.error = why;
  if (logged_ != why) spdlog::error("checkpoint copy: {}; trying again", why);
  logged_ = why;
}

void DiskCopy::publish() {
  mine_.overruns = overruns_.load(std::memory_order_relaxed);
  if (file_) mine_.octets = file_->file.octets();
  const std::lock_guard lock(mutex_);
  status_ = mine_;
}

}  // namespace holdfast::io
