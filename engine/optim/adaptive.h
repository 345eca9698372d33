#pragma once

#include "engine/optim/optimizer_of.h"

/// Optimizers that divide the gradient by a mean of its own size. In all of them g = grad (or -grad with maximize) +
/// weight_decay p.
namespace hs::optim {

struct RMSpropOptions {
    double lr = 1e-2;
    double alpha = 0.99;
    double eps = 1e-8;
    double weight_decay = 0;
    double momentum = 0;
    bool centered = false;
    bool maximize = false;

    void check() const;
    static void each(auto& self, auto&& visit) {
        visit("lr", self.lr);
        visit("alpha", self.alpha);
        visit("eps", self.eps);
        visit("weight_decay", self.weight_decay);
        visit("momentum", self.momentum);
        visit("centered", self.centered);
        visit("maximize", self.maximize);
    }
    static std::map<std::string, OptionValue> fixed() {
        return {{"capturable", false}, {"differentiable", false}, {"foreach", {}}};
    }
};

struct RMSpropState {
    std::int64_t step = 0;
    Tensor square;
    Tensor mean;   ///< with `centered`
    Tensor buffer; ///< with momentum

    static void each(auto& self, auto&& visit) {
        visit("step", self.step);
        visit("square_avg", self.square);
        visit("grad_avg", self.mean);
        visit("momentum_buffer", self.buffer);
    }
};

/// `torch.optim.RMSprop`: v = alpha v + (1 - alpha) g^2; p -= lr g / (sqrt(v) + eps), where with `centered` the square
/// of the mean gradient is taken off v, and with momentum b = momentum b + g / (...) takes the place of the quotient.
class RMSprop final : public OptimizerOf<RMSpropOptions, RMSpropState> {
  public:
    using OptimizerOf::OptimizerOf;
    std::string type_name() const override { return "RMSprop"; }

  protected:
    void apply(const RMSpropOptions& options, RMSpropState& state, const Tensor& parameter,
               const Tensor& gradient) override;
};

struct AdagradOptions {
    double lr = 1e-2;
    double lr_decay = 0;
    double weight_decay = 0;
    double initial_accumulator_value = 0;
    double eps = 1e-10;
    bool maximize = false;

    void check() const;
    static void each(auto& self, auto&& visit) {
        visit("lr", self.lr);
        visit("lr_decay", self.lr_decay);
        visit("weight_decay", self.weight_decay);
        visit("initial_accumulator_value", self.initial_accumulator_value);
        visit("eps", self.eps);
        visit("maximize", self.maximize);
    }
    static std::map<std::string, OptionValue> fixed() {
        return {{"differentiable", false}, {"foreach", {}}, {"fused", {}}};
    }
};

struct AdagradState {
    std::int64_t step = 0;
    Tensor sum;

    static void each(auto& self, auto&& visit) {
        visit("step", self.step);
        visit("sum", self.sum);
    }
};

/// `torch.optim.Adagrad` (Duchi et al. 2011): s += g^2; p -= lr / (1 + (t - 1) lr_decay) g / (sqrt(s) + eps).
class Adagrad final : public OptimizerOf<AdagradOptions, AdagradState> {
  public:
    using OptimizerOf::OptimizerOf;
    std::string type_name() const override { return "Adagrad"; }

  protected:
    void apply(const AdagradOptions& options, AdagradState& state, const Tensor& parameter,
               const Tensor& gradient) override;
};

struct AdadeltaOptions {
    double lr = 1;
    double rho = 0.9;
    double eps = 1e-6;
    double weight_decay = 0;
    bool maximize = false;

    void check() const;
    static void each(auto& self, auto&& visit) {
        visit("lr", self.lr);
        visit("rho", self.rho);
        visit("eps", self.eps);
        visit("weight_decay", self.weight_decay);
        visit("maximize", self.maximize);
    }
    static std::map<std::string, OptionValue> fixed() {
        return {{"capturable", false}, {"differentiable", false}, {"foreach", {}}};
    }
};

struct AdadeltaState {
    std::int64_t step = 0;
    Tensor square, change;

    static void each(auto& self, auto&& visit) {
        visit("step", self.step);
        visit("square_avg", self.square);
        visit("acc_delta", self.change);
    }
};

/// `torch.optim.Adadelta` (Zeiler 2012): v = rho v + (1 - rho) g^2; d = g sqrt(u + eps) / sqrt(v + eps);
/// u = rho u + (1 - rho) d^2; p -= lr d.
class Adadelta final : public OptimizerOf<AdadeltaOptions, AdadeltaState> {
  public:
    using OptimizerOf::OptimizerOf;
    std::string type_name() const override { return "Adadelta"; }

  protected:
    void apply(const AdadeltaOptions& options, AdadeltaState& state, const Tensor& parameter,
               const Tensor& gradient) override;
};

struct NAdamOptions {
    double lr = 2e-3;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double eps = 1e-8;
    double weight_decay = 0;
    double momentum_decay = 4e-3;
    bool decoupled_weight_decay = false; ///< p *= 1 - lr weight_decay instead of g += weight_decay p
    bool maximize = false;

    void check() const;
    static void each(auto& self, auto&& visit) {
        visit("lr", self.lr);
        visit("betas", self.beta1, self.beta2);
        visit("eps", self.eps);
        visit("weight_decay", self.weight_decay);
        visit("momentum_decay", self.momentum_decay);
        visit("decoupled_weight_decay", self.decoupled_weight_decay);
        visit("maximize", self.maximize);
    }
    static std::map<std::string, OptionValue> fixed() {
        return {{"capturable", false}, {"differentiable", false}, {"foreach", {}}};
    }
};

struct NAdamState {
    std::int64_t step = 0;
    double product = 1;
    Tensor m, v;

    static void each(auto& self, auto&& visit) {
        visit("step", self.step);
        visit("mu_product", self.product);
        visit("exp_avg", self.m);
        visit("exp_avg_sq", self.v);
    }
};

/// `torch.optim.NAdam` (Dozat 2016): Adam with Nesterov's momentum u_t = b1 (1 - 0.96^(t momentum_decay) / 2);
/// p -= lr ((1 - u_t) / (1 - U_t) g + u_{t+1} / (1 - U_t u_{t+1}) m) / (sqrt(v / (1 - b2^t)) + eps), where U_t is the
/// product of all u up to t.
class NAdam final : public OptimizerOf<NAdamOptions, NAdamState> {
  public:
    using OptimizerOf::OptimizerOf;
    std::string type_name() const override { return "NAdam"; }

  protected:
    void apply(const NAdamOptions& options, NAdamState& state, const Tensor& parameter,
               const Tensor& gradient) override;
};

struct RAdamOptions {
    double lr = 1e-3;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double eps = 1e-8;
    double weight_decay = 0;
    bool decoupled_weight_decay = false; ///< as in NAdam
    bool maximize = false;

    void check() const;
    static void each(auto& self, auto&& visit) {
        visit("lr", self.lr);
        visit("betas", self.beta1, self.beta2);
        visit("eps", self.eps);
        visit("weight_decay", self.weight_decay);
        visit("decoupled_weight_decay", self.decoupled_weight_decay);
        visit("maximize", self.maximize);
    }
    static std::map<std::string, OptionValue> fixed() {
        return {{"capturable", false}, {"differentiable", false}, {"foreach", {}}};
    }
};

struct RAdamState {
    std::int64_t step = 0;
    Tensor m, v;

    static void each(auto& self, auto&& visit) {
        visit("step", self.step);
        visit("exp_avg", self.m);
        visit("exp_avg_sq", self.v);
    }
};

/// `torch.optim.RAdam` (Liu et al. 2020): with r_inf = 2 / (1 - b2) - 1 and r_t = r_inf - 2 t b2^t / (1 - b2^t),
/// p -= lr m / (1 - b1^t), and where r_t > 5 that times sqrt(1 - b2^t) / (sqrt(v) + eps) and the root of
/// (r_t - 4)(r_t - 2) r_inf / ((r_inf - 4)(r_inf - 2) r_t).
class RAdam final : public OptimizerOf<RAdamOptions, RAdamState> {
  public:
    using OptimizerOf::OptimizerOf;
    std::string type_name() const override { return "RAdam"; }

  protected:
    void apply(const RAdamOptions& options, RAdamState& state, const Tensor& parameter,
               const Tensor& gradient) override;
};

} // namespace hs::optim
