#include "engine/session/scratch_training.h"

#include "engine/graph/grad_mode.h"
#include "engine/nn/container.h"
#include "engine/tensor/generator.h"

#include <algorithm>

namespace hs::session {

namespace {

struct ScratchModel final : nn::Module {
    std::string type_name() const override { return "Scratch pad"; }
};

ScratchError error_of(const script::ScriptError& error) {
    return {error.place.line, error.place.column, std::max(error.place.length, 1), error.what()};
}

bool asks_for_grad(const script::Statement& statement) {
    return statement.kind == script::Statement::Kind::expression &&
           statement.value->kind == script::Expression::Kind::attribute && statement.value->text == "grad";
}

std::string line_of(const std::string& text, int number) {
    std::size_t begin = 0;
    for (int line = 1; line < number && begin < text.size(); ++line)
        begin = text.find('\n', begin) + 1;
    const std::size_t end = text.find('\n', begin);
    return text.substr(begin, end == std::string::npos ? end : end - begin);
}

bool is_leaf_tensor(const script::Value& value) {
    return value.tensor() && value.tensor()->is_leaf() && value.tensor()->requires_grad();
}

std::shared_ptr<optim::Optimizer> optimizer_of(const script::Value& value) {
    const auto* found = value.get<std::shared_ptr<optim::Optimizer>>();
    return found ? *found : nullptr;
}

} // namespace

/// Hands what is named to the training, which may have another object for it.
class ScratchTraining::Names final : public script::Environment {
  public:
    explicit Names(ScratchTraining& training) : training_(training) {}
    std::optional<script::Value> find(std::string_view path) const override { return training_.names_->find(path); }
    void assign(const std::string& name, const script::Value& value) override {
        training_.names_->assign(name, training_.pooled(name, value));
    }

  private:
    ScratchTraining& training_;
};

/// The names of the script, and `error`: what stopped it.
class ScratchTraining::AnswerNames final : public script::Environment {
  public:
    explicit AnswerNames(const ScratchTraining& training) : training_(training) {}
    std::optional<script::Value> find(std::string_view path) const override {
        if (auto found = training_.names_->find(path)) return found;
        if (path != "error") return std::nullopt;
        return training_.run_.error ? script::Value(training_.run_.error->text) : script::Value();
    }

  private:
    const ScratchTraining& training_;
};

ScratchTraining::ScratchTraining(std::shared_ptr<ScratchPad> pad, std::uint64_t seed)
    : pad_(std::move(pad)), seed_(seed), text_(pad_->text()), questions_(pad_->questions()) {
    try {
        statements_ = script::parse(text_);
    } catch (const script::ScriptError& error) {
        unreadable_ = error_of(error);
    }
    run_lines(false);
    build_model();
    publish();
}

ScratchTraining::~ScratchTraining() = default;

TrainingInfo ScratchTraining::info() const {
    TrainingInfo about;
    about.name = "scratch pad";
    about.model = "Scratch pad";
    return about;
}

StepOutcome ScratchTraining::step() {
    run_lines(true);
    publish();
    return {};
}

void ScratchTraining::publish() {
    pad_->publish(std::make_shared<const ScratchRun>(run_));
}

void ScratchTraining::run_lines(bool observed) {
    // What the run before made goes first, its hooks above all.
    scene_.reset();
    interpreter_.reset();
    names_ = std::make_shared<script::Variables>();
    named_.clear();
    taken_.clear();
    std::vector<ScratchAnswer> answers = std::exchange(run_, {}).answers;
    run_.answers = std::move(answers);
    run_.answers.resize(questions_.size());
    run_.text = text_;
    run_.error = unreadable_;
    set_grad_enabled(true);
    manual_seed(seed_);
    interpreter_ = std::make_unique<script::Interpreter>(std::make_shared<Names>(*this));
    scene_ = std::make_unique<ScratchScene>(run_, [this, observed] {
        if (observed) publish();
    });
    if (!observed) ask(0, false);
    for (const script::Statement& statement : statements_) {
        ScratchLine line;
        line.first = statement.place.line;
        line.last = statement.last_line;
        try {
            script::Outcome outcome = interpreter_->run(statement);
            const bool shows = outcome.is_expression && !(outcome.value.is_none() && !asks_for_grad(statement) &&
                                                          statement.value->kind == script::Expression::Kind::call);
            if (shows) line.shown = to_string(outcome.value);
            line.is_gradient = asks_for_grad(statement);
            line.printed = std::move(outcome.printed);
            line.warnings = std::move(outcome.warnings);
        } catch (const script::ScriptError& error) {
            run_.error = error_of(error);
        }
        scene_->look_at(*names_);
        line.end = scene_->mark();
        if (run_.error) break;
        const script::Value named = statement.kind == script::Statement::Kind::assign &&
                                            statement.target->kind == script::Expression::Kind::name
                                        ? names_->find(statement.target->text).value_or(script::Value())
                                        : script::Value();
        if (named.tensor() && !named.tensor()->is_leaf()) run_.formula = line_of(text_, line.first);
        run_.lines.push_back(std::move(line));
        if (observed) publish();
        if (!observed) ask(statement.last_line, false);
    }
    // A Recorder finds what is written by its version, which would be the same at the end of every run.
    for (const auto& [tensor, version] : taken_)
        if (tensor.version() != version) tensor.bump_version();
    run_.names = names_->names();
    if (!observed) ask(0, true);
    first_run_ = false;
}

/// The questions whose lines have run by now; in the end all that are left, with what became of the lines.
void ScratchTraining::ask(int line, bool all) {
    for (std::size_t i = 0; i < questions_.size(); ++i) {
        ScratchAnswer& answer = run_.answers[i];
        if (answer.asked || (!all && questions_[i].line > line)) continue;
        answer.asked = true;
        try {
            const auto expression = script::parse_expression(questions_[i].expression);
            const script::Value value = script::evaluate(*expression, std::make_shared<AnswerNames>(*this));
            answer.text = to_string(value);
            if (const Tensor* tensor = value.tensor(); tensor && tensor->numel() == 1)
                answer.number = tensor->item().to_double();
            if (const Scalar* number = value.number()) answer.number = number->to_double();
        } catch (const script::ScriptError& error) {
            answer.error = error.what();
        }
    }
}

/// The object that stands for `fresh` in every run.
script::Value ScratchTraining::pooled(const std::string& name, script::Value fresh) {
    const bool poolable = is_leaf_tensor(fresh) || fresh.module() || optimizer_of(fresh);
    if (!poolable) return fresh;
    for (const auto& [key, entry] : pool_) { // another name of one that is pooled
        if (fresh.tensor() && entry.value.tensor() && entry.value.tensor()->is_same(*fresh.tensor())) return fresh;
        if (fresh.module() && entry.value.module() == fresh.module()) return fresh;
        if (optimizer_of(fresh) && optimizer_of(entry.value) == optimizer_of(fresh)) return fresh;
    }
    const std::pair<std::string, int> key{name, ++named_[name]};
    if (first_run_) {
        Pooled entry;
        entry.value = fresh;
        if (fresh.module()) entry.structure = fresh.module()->to_string();
        if (const Tensor* leaf = fresh.tensor()) // no operation, which would be seen
            entry.first = from_data(leaf->to_vector<double>().data(), leaf->shape(), leaf->options());
        pool_.emplace(key, std::move(entry));
        pool_order_.push_back(key);
        return fresh;
    }
    const auto found = pool_.find(key);
    return found != pool_.end() && take_over(found->second, fresh) ? found->second.value : fresh;
}

/// Makes the pooled object what `fresh` is; false when it cannot be.
bool ScratchTraining::take_over(Pooled& pooled, const script::Value& fresh) {
    const NoGrad no_grad;
    const auto take = [this](const Tensor& into, const Tensor& from) {
        into.set_data(from);
        taken_.emplace_back(into, into.version());
        Tensor(into).set_requires_grad(from.requires_grad());
        into.mutable_grad() = Tensor();
    };
    if (fresh.tensor() && pooled.value.tensor()) {
        take(*pooled.value.tensor(), *fresh.tensor());
        return true;
    }
    if (const auto from = fresh.module(), into = pooled.value.module(); from && into) {
        if (from->to_string() != pooled.structure || into->to_string() != pooled.structure) return false;
        const auto copy = [&](const nn::NamedTensors& to, const nn::NamedTensors& source) {
            for (std::size_t i = 0; i < to.size() && i < source.size(); ++i)
                take(to[i].second, source[i].second);
        };
        copy(into->named_parameters(), from->named_parameters());
        copy(into->named_buffers(), from->named_buffers());
        const auto modules = into->modules(), sources = from->modules();
        for (std::size_t i = 0; i < modules.size() && i < sources.size(); ++i)
            modules[i]->train(sources[i]->is_training());
        return true;
    }
    const auto from = optimizer_of(fresh), into = optimizer_of(pooled.value);
    if (!from || !into || from->type_name() != into->type_name()) return false;
    const auto same = [](const Tensor& a, const Tensor& b) { return a.is_same(b); };
    if (!std::ranges::equal(from->parameters(), into->parameters(), same)) return false;
    into->load_state_dict(from->state_dict());
    return true;
}

/// A model of what was named, as it was when it was named.
void ScratchTraining::build_model() {
    model_ = std::make_unique<ScratchModel>();
    std::vector<Tensor> tensors;
    for (const auto& id : pool_order_) {
        Pooled& entry = pool_.at(id);
        std::string key = id.second == 1 ? id.first : id.first + "_" + std::to_string(id.second);
        while (model_->has_attribute(key))
            key += "_";
        if (const Tensor* tensor = entry.value.tensor()) {
            tensor->set_data(entry.first);
            tensor->mutable_grad() = Tensor();
            // Only while it is registered: what the script printed it as, it stays.
            const bool is_parameter = std::exchange(tensor->impl()->is_parameter, true);
            model_->register_parameter(key, *tensor);
            tensor->impl()->is_parameter = is_parameter;
            tensors.push_back(*tensor);
        } else if (const auto module = entry.value.module()) {
            // One that was built up later would be built up again.
            if (module->to_string() == entry.structure) model_->add_module(key, module);
        } else if (!optimizer_) {
            optimizer_ = optimizer_of(entry.value);
        }
    }
    if (optimizer_) return;
    if (tensors.empty()) tensors.push_back(zeros({1}));
    optimizer_ = std::make_shared<optim::Sgd>(std::move(tensors), optim::SgdOptions{});
}

} // namespace hs::session
