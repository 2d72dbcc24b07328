#include "serialization/pickle_data.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

namespace styletransfer::detail {
namespace {

using Kind = PickledValue::Kind;

// A pickle holds names and shapes; the weights are in separate records.
constexpr std::uint64_t kMaxPickleBytes = 64 << 20;
// A module adds two levels: itself and its dictionary.
constexpr int kMaxDepth = 200;
constexpr std::size_t kMaxDimensions = 64;

// Functions that a pickle may call.
constexpr const char* kRebuildTensor = "torch._utils _rebuild_tensor_v2";
constexpr const char* kOrderedDict = "collections OrderedDict";
constexpr const char* kDevice = "torch device";
constexpr const char* kTypeTag = "torch.jit._pickle restore_type_tag";

bool is_known_function(const std::string& global) {
  return global == kRebuildTensor || global == kOrderedDict || global == kDevice ||
         global == kTypeTag || is_list_builder(global) || storage_type(global);
}

/// Interpreter for the subset of pickle protocol 2 that torch.jit.save uses. It builds
/// PickledValues on a stack; functions are recognized by name and never called.
class Reader {
 public:
  Reader(const TorchScriptArchive& archive, const std::string& name)
      : archive_(archive), name_(name), bytes_(archive.read(name + ".pkl", kMaxPickleBytes)) {}

  Pickle read() {
    while (!is_done_) step(static_cast<unsigned char>(take(1)[0]));
    if (stack_.size() != 1 || !marks_.empty()) refuse("does not end as a pickle does");
    pickle_.root = stack_.back();
    return std::move(pickle_);
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw UnusableNetwork("is not a network that can be read as data: " + name_ + ".pkl " + what +
                          "; save it again with torch.jit.save");
  }

  std::string_view take(std::uint64_t count) {
    if (count > bytes_.size() - next_) refuse("is cut off");
    const std::string_view part = std::string_view(bytes_).substr(next_, count);
    next_ += count;
    return part;
  }
  std::uint64_t take_number(int bytes) {
    std::uint64_t number = 0;
    const std::string_view part = take(static_cast<std::uint64_t>(bytes));
    for (int i = bytes - 1; i >= 0; --i) {
      number = number << 8U | static_cast<unsigned char>(part[static_cast<std::size_t>(i)]);
    }
    return number;
  }
  std::string take_line() {
    const std::size_t end = bytes_.find('\n', next_);
    if (end == std::string::npos) refuse("is cut off");
    std::string line(take(end - next_));
    take(1);
    return line;
  }

  void push(PickledRef value) { stack_.push_back(std::move(value)); }
  PickledRef push(Kind kind) {
    push(std::make_shared<PickledValue>());
    stack_.back()->kind = kind;
    return stack_.back();
  }
  PickledRef pop() {
    if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) refuse("has too few values");
    PickledRef value = std::move(stack_.back());
    stack_.pop_back();
    return value;
  }
  PickledRef pop(Kind kind) {
    PickledRef value = pop();
    if (value->kind != kind) refuse("has a value where none of that kind makes sense");
    return value;
  }
  std::vector<PickledRef> pop_to_mark() {
    if (marks_.empty()) refuse("has too few marks");
    const auto first = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<PickledRef> values(first, stack_.end());
    stack_.erase(first, stack_.end());
    marks_.pop_back();
    return values;
  }

  /// Appends items to a container. A value that is part of another one must not change, so cycles
  /// cannot occur.
  void add_items(PickledValue& to, const std::vector<PickledRef>& items) {
    if (to.is_settled) refuse("changes a value that is in use");
    for (const PickledRef& item : items) {
      if (item.get() == &to) refuse("holds a list in itself");
      item->is_settled = true;
      to.depth = std::max(to.depth, item->depth + 1);
      to.items.push_back(item);
    }
    if (to.depth > kMaxDepth) refuse("is nested more than " + std::to_string(kMaxDepth) + " deep");
  }

  void push_tuple(const std::vector<PickledRef>& items) { add_items(*push(Kind::kTuple), items); }
  void push_tuple(int count) {
    std::vector<PickledRef> items;
    for (int i = 0; i < count; ++i) items.insert(items.begin(), pop());
    push_tuple(items);
  }
  void push_whole(std::int64_t number) { push(Kind::kInt)->whole = number; }

  void append(const std::vector<PickledRef>& items) { add_items(*top(Kind::kList), items); }
  void set_items(const std::vector<PickledRef>& items) {
    if (items.size() % 2 != 0) refuse("has a key without a value");
    add_items(*top(Kind::kDict), items);
  }
  PickledRef top(Kind kind) {
    PickledRef value = pop(kind);
    push(value);
    return value;
  }

  void put_memo(std::uint64_t slot) {
    if (stack_.empty()) refuse("has too few values");
    memo_[slot] = stack_.back();
  }
  void get_memo(std::uint64_t slot) {
    const auto known = memo_.find(slot);
    if (known == memo_.end()) refuse("recalls a value that it does not have");
    push(known->second);
  }

  void push_global() {
    const std::string module = take_line();
    const std::string name = take_line();
    const std::string global = module + " " + name;
    const bool is_of_archive = module == "__torch__" || module.starts_with("__torch__.");
    const std::string class_name = module + "." + name;
    if (is_of_archive && !class_name.starts_with("__torch__.torch.classes.")) {
      pickle_.classes.insert(class_name);
    } else if (!is_known_function(global)) {
      refuse("makes use of '" + class_name + "', which is no part of a network");
    }
    push(Kind::kGlobal)->text = is_of_archive ? class_name : global;
  }

  /// NEWOBJ: a class of the archive and an empty tuple of arguments.
  void make_object() {
    if (!pop(Kind::kTuple)->items.empty()) refuse("gives a class arguments");
    const std::string class_name = pop(Kind::kGlobal)->text;
    if (!class_name.starts_with("__torch__.")) refuse("makes an instance of " + class_name);
    push(Kind::kObject)->text = class_name;
  }

  void set_state() {
    const PickledRef state = pop(Kind::kDict);
    const PickledRef object = top(Kind::kObject);
    if (!object->items.empty()) refuse("sets an instance's attributes twice");
    for (std::size_t i = 0; i < state->items.size(); i += 2) {
      if (state->items[i]->kind != Kind::kText) refuse("has an attribute whose name is no text");
    }
    add_items(*object, {state});
    object->is_settled = true;
  }

  void call() {
    const PickledRef arguments = pop(Kind::kTuple);
    const std::string function = pop(Kind::kGlobal)->text;
    const std::vector<PickledRef>& given = arguments->items;
    if (function == kRebuildTensor) return push_tensor(given);
    if (function == kOrderedDict && given.empty()) return static_cast<void>(push(Kind::kDict));
    if (function == kDevice && given.size() == 1 && given[0]->kind == Kind::kText) {
      return push(given[0]);
    }
    if (is_list_builder(function) && given.size() == 1 && given[0]->kind == Kind::kList) {
      return push(given[0]);
    }
    if (function == kTypeTag && given.size() == 2 && given[1]->kind == Kind::kText) {
      check_type_tag(given[1]->text);
      return push(given[0]);
    }
    refuse("calls " + function + " in an unknown way");
  }

  /// Accepts type tags of built-in types only, such as "Dict[str, int]".
  void check_type_tag(const std::string& tag) const {
    constexpr std::size_t kMaxTagBytes = 1000;
    const bool is_plain = std::all_of(tag.begin(), tag.end(), [](unsigned char c) {
      return std::isalpha(c) != 0 || c == '[' || c == ']' || c == ',' || c == ' ';
    });
    if (!is_plain || tag.size() > kMaxTagBytes) refuse("has the type '" + tag.substr(0, 80) + "'");
  }

  /// ('storage', type, key, device, number of elements)
  void push_storage() {
    const PickledRef described = pop(Kind::kTuple);
    const std::vector<PickledRef>& facts = described->items;
    const std::array kinds{Kind::kText, Kind::kGlobal, Kind::kText, Kind::kText, Kind::kInt};
    bool fits = facts.size() == kinds.size();
    for (std::size_t i = 0; fits && i < kinds.size(); ++i) fits = facts[i]->kind == kinds.at(i);
    if (!fits || facts[0]->text != "storage") refuse("describes a tensor's memory wrongly");
    const auto type = storage_type(facts[1]->text);
    if (!type) refuse("has a tensor of the type " + facts[1]->text);
    const PickledRef storage = push(Kind::kStorage);
    storage->tensor.record = name_ + "/" + facts[2]->text;
    storage->tensor.type = *type;
    storage->whole = facts[4]->whole;
    const std::uint64_t element = at::elementSize(*type);
    const std::uint64_t bytes = archive_.size(storage->tensor.record);
    if (storage->whole < 0 || bytes % element != 0 ||
        bytes / element != static_cast<std::uint64_t>(storage->whole)) {
      refuse("gives the record " + storage->tensor.record + " another size than it has");
    }
  }

  std::vector<std::int64_t> extents(const PickledValue& tuple) const {
    if (tuple.kind != Kind::kTuple || tuple.items.size() > kMaxDimensions) {
      refuse("describes a tensor wrongly");
    }
    std::vector<std::int64_t> numbers;
    for (const PickledRef& item : tuple.items) {
      if (item->kind != Kind::kInt || item->whole < 0) refuse("describes a tensor wrongly");
      numbers.push_back(item->whole);
    }
    return numbers;
  }

  /// (storage, offset, sizes, strides, requires_grad, hooks)
  void push_tensor(const std::vector<PickledRef>& given) {
    constexpr std::size_t kArguments = 6;
    if (given.size() != kArguments || given[0]->kind != Kind::kStorage ||
        given[1]->kind != Kind::kInt || given[4]->kind != Kind::kBool ||
        given[5]->kind != Kind::kDict || !given[5]->items.empty()) {
      refuse("describes a tensor wrongly");
    }
    const PickledRef value = push(Kind::kTensor);
    value->tensor = given[0]->tensor;
    value->tensor.offset = given[1]->whole;
    value->tensor.sizes = extents(*given[2]);
    value->tensor.strides = extents(*given[3]);
    if (!lies_within(value->tensor, given[0]->whole)) {
      refuse("has a tensor that leaves its record " + value->tensor.record);
    }
  }

  void push_long(std::uint64_t bytes) {
    if (bytes > 8) refuse("has a number that is too large");
    std::uint64_t number = take_number(static_cast<int>(bytes));
    if (bytes > 0 && bytes < 8 && (number >> (8 * bytes - 1)) != 0) number |= ~0ULL << (8 * bytes);
    push_whole(static_cast<std::int64_t>(number));
  }

  void push_double() {
    std::uint64_t bits = 0;
    for (const char byte : take(8)) bits = bits << 8U | static_cast<unsigned char>(byte);
    push(Kind::kDouble)->real = std::bit_cast<double>(bits);
  }

  void step(unsigned char opcode) {
    if (!step_value(opcode) && !step_container(opcode)) {
      refuse("has an instruction that networks do not have");
    }
  }

  bool step_value(unsigned char opcode) {
    switch (opcode) {
      case 'N':
        push(Kind::kNone);
        return true;
      case 0x88:
      case 0x89:
        push(Kind::kBool)->whole = opcode == 0x88 ? 1 : 0;
        return true;
      case 'K':
        push_whole(static_cast<std::int64_t>(take_number(1)));
        return true;
      case 'M':
        push_whole(static_cast<std::int64_t>(take_number(2)));
        return true;
      case 'J':
        push_whole(static_cast<std::int32_t>(take_number(4)));
        return true;
      case 0x8A:
        push_long(take_number(1));
        return true;
      case 'G':
        push_double();
        return true;
      case 'X': {
        const std::uint64_t bytes = take_number(4);
        push(Kind::kText)->text = std::string(take(bytes));
        return true;
      }
      case 'c':
        push_global();
        return true;
      default:
        return false;
    }
  }

  bool step_container(unsigned char opcode) {
    switch (opcode) {
      case 0x80:
        if (take_number(1) != 2) refuse("is of another pickle version than 2");
        return true;
      case '(':
        marks_.push_back(stack_.size());
        return true;
      case ')':
      case 0x85:
      case 0x86:
      case 0x87:
        push_tuple(opcode == ')' ? 0 : opcode - 0x84);
        return true;
      case 't':
        push_tuple(pop_to_mark());
        return true;
      case ']':
      case '}':
        push(opcode == ']' ? Kind::kList : Kind::kDict);
        return true;
      case 'a':
        append({pop()});
        return true;
      case 'e':
        append(pop_to_mark());
        return true;
      case 's': {
        const PickledRef value = pop();
        set_items({pop(), value});
        return true;
      }
      case 'u':
        set_items(pop_to_mark());
        return true;
      case 'q':
      case 'r':
        put_memo(take_number(opcode == 'q' ? 1 : 4));
        return true;
      case 'h':
      case 'j':
        get_memo(take_number(opcode == 'h' ? 1 : 4));
        return true;
      default:
        return step_object(opcode);
    }
  }

  bool step_object(unsigned char opcode) {
    switch (opcode) {
      case 0x81:
        make_object();
        return true;
      case 'b':
        set_state();
        return true;
      case 'R':
        call();
        return true;
      case 'Q':
        push_storage();
        return true;
      case '.':
        is_done_ = true;
        return true;
      default:
        return false;
    }
  }

  const TorchScriptArchive& archive_;
  std::string name_;
  std::string bytes_;
  std::size_t next_ = 0;
  bool is_done_ = false;
  std::vector<PickledRef> stack_;
  std::vector<std::size_t> marks_;
  std::map<std::uint64_t, PickledRef> memo_;
  Pickle pickle_;
};

}  // namespace

Pickle read_pickle(const TorchScriptArchive& archive, const std::string& name) {
  return Reader(archive, name).read();
}

}  // namespace styletransfer::detail
