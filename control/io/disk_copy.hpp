// The copy of the checkpoint on disk, kept up to date by a thread of its own: what a start after a boot goes on from.
//
// The executor hands over each transaction; the thread appends it to the file and, every kInterval, sees to it that it
// is on the disk. A new file begins with an image of the region (checkpoint/copy.hpp), is written beside the old one
// until it is complete, and then takes its name: at the start, when the old one has grown too long, and after a
// failure.
//
// The disk may be full, slow, unwritable or gone: the executor waits for nothing. It drops what finds no room in the
// queue, and a new image makes up for it.
#pragma once

#include "checkpoint/copy.hpp"
#include "engine/executor.hpp"
#include "io/byte_queue.hpp"
#include "io/copy_file.hpp"
#include "wire/time.hpp"

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace holdfast::io {

class DiskCopy final : public engine::Follower {
 public:
  struct Status {
    std::optional<TimePoint> current;  // all that was committed before then is on the disk; nothing: no copy yet
    std::uint64_t octets = 0;          // of the file
    std::uint64_t images = 0;          // that were completed
    std::uint64_t overruns = 0;        // times that the disk was too slow
    std::uint64_t errors = 0;
    std::string error;  // the last one; empty: all is well since
  };

  static constexpr Duration kInterval = std::chrono::milliseconds(250);
  static constexpr Duration kRetry = std::chrono::seconds(5);  // after an error
  static constexpr std::size_t kQueue = 16 << 20;

  // region: of the store that is followed, which must be there as long as this is.
  DiskCopy(std::filesystem::path region, std::filesystem::path path, Duration retry = kRetry,
           std::size_t queue = kQueue);
  ~DiskCopy() override;

  void committed(Octets transaction, const checkpoint::Committed& done) override;
  Status status() const;
  // Writes what is left and ends the thread. False: the disk took longer than that, and the thread still waits for it;
  // all that can be done is to leave the process.
  [[nodiscard]] bool stop(Duration limit);

 private:
  struct File {
    CopyFile file;
    std::uint64_t sequence;  // of the last transaction in it
  };
  using Done = CopyFile::Done;

  void run();
  void wait() const;
  void turn();
  Done go_on_with_file(bool sync);
  Done go_on_with_next(bool sync);
  Done append_transactions(File& file);
  Done begin_image();
  Done append_image();
  Done finish_image();
  void give_up_next();
  void failed(const std::string& why);
  void publish();

  const std::filesystem::path region_path_, path_, unfinished_;
  const Duration retry_;
  ByteQueue queue_;
  std::atomic<bool> accepting_{false};  // each transaction from here on is to come through the queue
  std::atomic<bool> rung_{false};
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> overruns_{0};
  int doorbell_ = -1;

  // The thread's own.
  std::optional<checkpoint::Store> region_;
  std::optional<File> file_;                    // has the name; nothing: it can't be gone on with
  std::optional<File> next_;                    // in the making
  std::optional<checkpoint::CopyImage> image_;  // of next_; nothing: all is read,
  std::uint64_t complete_at_ = 0;               // and this is the last transaction of which it may have seen something
  std::uint64_t image_octets_ = 0;              // of file_
  std::vector<std::uint8_t> drained_, buffer_;
  TimePoint drained_at_{}, synced_at_{}, next_image_{};
  Status mine_;
  std::string logged_;  // the last error that was logged

  mutable std::mutex mutex_;  // of what is below
  std::condition_variable ended_;
  bool has_ended_ = false;
  Status status_;

  std::thread thread_;  // last: begins when all else is there
};

}  // namespace holdfast::io
