#include "styletransfer/progress.h"

namespace styletransfer {

void Observers::on_message(const Message& line) {
  for (const Entry& entry : entries_) entry.observer->on_message(line);
}

void Observers::on_detail(const Message& line) {
  for (const Entry& entry : entries_) entry.observer->on_detail(line);
}

void Observers::on_warning(const Message& line) {
  for (const Entry& entry : entries_) entry.observer->on_warning(line);
}

void Observers::on_schedule(const std::vector<PassStarted>& passes) {
  for (const Entry& entry : entries_) entry.observer->on_schedule(passes);
}

void Observers::on_pass_started(const PassStarted& pass) {
  for (const Entry& entry : entries_) entry.observer->on_pass_started(pass);
}

Continue Observers::on_step_finished(const StepFinished& step) {
  Continue answer = Continue::kYes;
  for (const Entry& entry : entries_) {
    if (entry.observer->on_step_finished(step) == Continue::kStop) answer = Continue::kStop;
  }
  return answer;
}

void Observers::on_validation(const ValidationResult& result) {
  for (const Entry& entry : entries_) entry.observer->on_validation(result);
}

void Observers::on_pass_finished(const PassFinished& pass) {
  for (const Entry& entry : entries_) entry.observer->on_pass_finished(pass);
}

bool Observers::wants_image(const StepFinished& step) {
  bool is_wanted = false;
  for (Entry& entry : entries_) {
    entry.wants_image = entry.observer->wants_image(step);
    is_wanted = is_wanted || entry.wants_image;
  }
  return is_wanted;
}

void Observers::on_image(const StepFinished& step, const Image& image) {
  for (const Entry& entry : entries_) {
    if (entry.wants_image) entry.observer->on_image(step, image);
  }
}

bool Observers::wants_checkpoint(bool is_stopping) {
  bool is_wanted = false;
  for (Entry& entry : entries_) {
    entry.wants_checkpoint = entry.observer->wants_checkpoint(is_stopping);
    is_wanted = is_wanted || entry.wants_checkpoint;
  }
  return is_wanted;
}

void Observers::on_checkpoint(const Checkpoint& checkpoint) {
  for (const Entry& entry : entries_) {
    if (entry.wants_checkpoint) entry.observer->on_checkpoint(checkpoint);
  }
}

}  // namespace styletransfer
