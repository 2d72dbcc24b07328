// stylize CONTENT STYLE OUTPUT NETWORK [LONG_SIDE_PX]: one image in the style of another.
#include <cstdlib>
#include <iostream>
#include <memory>
#include <styletransfer/styletransfer.h>

namespace st = styletransfer;

struct Progress : st::Observer {
  st::Continue on_step_finished(const st::StepFinished& step) override {
    std::cerr << "pass " << step.pass_index + 1 << ", iteration " << step.iteration << ", loss "
              << step.loss << "\n";
    return st::Continue::kYes;  // kStop ends the run with the best image so far.
  }
};

int main(int argc, char** argv) try {
  if (argc < 5) throw st::UsageError("usage: stylize CONTENT STYLE OUTPUT NETWORK [LONG_SIDE_PX]");
  st::Job job;
  job.content = st::read_image(argv[1]).image;
  job.styles.push_back({std::make_shared<st::Image>(st::read_image(argv[2]).image)});
  job.schedule.size_px = argc > 5 ? std::atoi(argv[5]) : 256;
  job.schedule.iterations = 20;
  const st::Runtime runtime = st::resolve_runtime({});
  Progress progress;
  const st::Result result = st::transfer(job, st::load_network(argv[4]), runtime, progress);
  st::write_image(result.image, argv[3], st::WriteOptions{.overwrite = true});
} catch (const std::exception& error) {
  std::cerr << "error: " << error.what() << "\n";
  return 1;
}
