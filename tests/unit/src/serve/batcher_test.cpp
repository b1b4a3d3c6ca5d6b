#include "src/serve/batcher.h"

#include <gtest/gtest.h>

#include <atomic>

namespace winnow {
namespace {

using Clock = Batcher::Clock;
constexpr auto kLong = std::chrono::seconds(20);

/// A picture of one pixel, so that a vector can be told to be its own.
Image pixel(int value) {
  Image image(1, 1);
  image.pixels[0] = static_cast<uint8_t>(value);
  return image;
}

std::vector<std::vector<float>> echo(std::span<const Image> views) {
  std::vector<std::vector<float>> out;
  for (const auto& view : views) out.push_back({static_cast<float>(view.pixels[0])});
  return out;
}

/// A network that waits until it is let go.
struct Gate {
  std::mutex mutex;
  std::condition_variable changed;
  bool open = false;
  std::atomic<int> entered{0};
  void let_go() {
    const std::lock_guard guard(mutex);
    open = true;
    changed.notify_all();
  }
  std::vector<std::vector<float>> operator()(std::span<const Image> views) {
    ++entered;
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return open; });
    return echo(views);
  }
};

TEST(Batcher, EveryRequestGetsItsOwnVector) {
  std::atomic<int> pictures{0}, largest{0};
  Batcher::Options options;
  options.max_batch = 4;
  options.on_batch = [&](int n, double) {
    pictures += n;
    largest = std::max(largest.load(), n);
  };
  {
    Batcher batcher(echo, options);
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < 50; ++i) {
          StepTimes steps;
          Batcher::Seat seat(batcher);
          EXPECT_EQ(seat.embed(pixel(t * 30 + i % 30), Clock::now() + kLong, steps).at(0),
                    static_cast<float>(t * 30 + i % 30));
        }
      });
    for (auto& thread : threads) thread.join();
  }
  EXPECT_EQ(pictures, 400);
  EXPECT_LE(largest, 4);
}

TEST(Batcher, WhatWaitsIsTakenTogether) {
  Gate gate;
  std::vector<int> sizes;
  Batcher::Options options;
  options.max_batch = 8;
  options.patience = kLong;  // only the number of seats can start a batch
  options.on_batch = [&](int n, double) { sizes.push_back(n); };
  {
    Batcher batcher([&](std::span<const Image> views) { return gate(views); }, options);
    std::vector<std::unique_ptr<Batcher::Seat>> seats;
    for (int i = 0; i < 3; ++i) seats.push_back(std::make_unique<Batcher::Seat>(batcher));
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i)
      threads.emplace_back([&, i] {
        StepTimes steps;
        seats[static_cast<size_t>(i)]->embed(pixel(i), Clock::now() + kLong, steps);
      });
    while (gate.entered == 0) std::this_thread::yield();
    gate.let_go();
    for (auto& thread : threads) thread.join();
  }
  EXPECT_EQ(sizes, std::vector<int>{3});
}

TEST(Batcher, AFullQueueIsRefusedWithRetryAfter) {
  Batcher::Options options;
  options.seats = 2;
  Batcher batcher(echo, options);
  Batcher::Seat first(batcher);
  {
    Batcher::Seat second(batcher);
    EXPECT_EQ(batcher.seats_taken(), 2);
    try {
      Batcher::Seat third(batcher);
      FAIL();
    } catch (const HttpError& e) {
      EXPECT_EQ(e.status(), 503);
      EXPECT_GT(e.retry_after(), 0);
    }
  }
  EXPECT_NO_THROW(Batcher::Seat again(batcher));
}

TEST(Batcher, ALateRequestIsToldSoAndItsPictureLeftOut) {
  Gate gate;
  std::atomic<int> pictures{0};
  Batcher::Options options;
  options.on_batch = [&](int n, double) { pictures += n; };
  {
    Batcher batcher([&](std::span<const Image> views) { return gate(views); }, options);
    std::thread holder([&] {
      StepTimes steps;
      Batcher::Seat seat(batcher);
      seat.embed(pixel(1), Clock::now() + kLong, steps);
    });
    while (gate.entered == 0) std::this_thread::yield();
    {
      StepTimes steps;
      Batcher::Seat seat(batcher);
      EXPECT_THROW(seat.embed(pixel(2), Clock::now() + std::chrono::milliseconds(20), steps), HttpError);
    }
    gate.let_go();
    holder.join();
  }
  EXPECT_EQ(pictures, 1);
}

TEST(Batcher, AFaultOfTheNetworkReachesEveryRequestOfTheBatchOnly) {
  std::atomic<int> calls{0};
  Batcher batcher(
      [&](std::span<const Image> views) {
        if (calls++ == 0) throw Error(ErrorCode::kNumeric, "broken");
        return echo(views);
      },
      {});
  StepTimes steps;
  Batcher::Seat seat(batcher);
  EXPECT_THROW(seat.embed(pixel(1), Clock::now() + kLong, steps), Error);
  EXPECT_EQ(seat.embed(pixel(5), Clock::now() + kLong, steps).at(0), 5);
}

}  // namespace
}  // namespace winnow
