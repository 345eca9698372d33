#include "engine/ops/functional.h"
#include "engine/script/evaluate.h"

#include <QtTest>

using namespace hs;
using namespace hs::script;

namespace {

/// Runs lines one after the other; remembers what the last one gave.
struct Session {
    std::shared_ptr<Variables> names = std::make_shared<Variables>();
    Interpreter interpreter{names};
    std::vector<std::string> printed;
    std::vector<std::string> warnings;

    std::string run(std::string_view text) {
        Outcome last;
        for (const Statement& statement : parse(text)) {
            last = interpreter.run(statement);
            printed.insert(printed.end(), last.printed.begin(), last.printed.end());
            warnings.insert(warnings.end(), last.warnings.begin(), last.warnings.end());
        }
        return last.is_expression ? to_string(last.value) : "";
    }
    /// `line:column: reason`
    std::string error(std::string_view text) {
        try {
            run(text);
        } catch (const ScriptError& found) {
            return std::to_string(found.place.line) + ":" + std::to_string(found.place.column) + ": " + found.what();
        }
        return "no error";
    }
};

QString text(const std::string& value) {
    return QString::fromStdString(value);
}

std::string repeated(std::string_view piece, int times) {
    std::string all;
    for (int i = 0; i < times; ++i)
        all += piece;
    return all;
}

} // namespace

class TestScript : public QObject {
    Q_OBJECT

  private slots:
    void gives_what_pytorch_prints_data();
    void gives_what_pytorch_prints();
    void says_where_and_why_data();
    void says_where_and_why();
    void survives_hostile_text();
    void ends_whatever_a_line_asks_for();
    void keeps_what_ran_before_an_error();
    void warns_of_a_non_leafs_grad();
    void runs_hooks_until_they_are_removed();
    void runs_module_hooks();
    void removes_hooks_with_the_script();
    void trains_a_module();
    void takes_names_from_paths();
    void asks_for_the_longest_path_first();
    void changes_nothing_where_it_may_only_read_data();
    void changes_nothing_where_it_may_only_read();
    void lists_names();
};

// The numbers and texts on the right are PyTorch 2's.
void TestScript::gives_what_pytorch_prints_data() {
    QTest::addColumn<QString>("lines");
    QTest::addColumn<QString>("shown");
    const char* const graph = "w = tensor([1.], requires_grad=true)\nx = tensor([2.], requires_grad=True)\n"
                              "y = (x + w) * (w + 1)\ny.backward()\n";
    QTest::newRow("w.grad") << QString(graph) + "w.grad"
                            << "tensor([5.])";
    QTest::newRow("x.grad") << QString(graph) + "x.grad"
                            << "tensor([2.])";
    QTest::newRow("y.grad") << QString(graph) + "y.grad"
                            << "None";
    QTest::newRow("y") << QString(graph) + "y"
                       << "tensor([6.], grad_fn=<MulBackward0>)";
    QTest::newRow("grad_fn") << QString(graph) + "y.grad_fn"
                             << "<MulBackward0>";
    QTest::newRow("next functions") << QString(graph) + "y.grad_fn.next_functions"
                                    << "((<AddBackward0>, 0), (<AddBackward0>, 0))";
    QTest::newRow("leaf") << QString(graph) + "w.is_leaf, y.is_leaf, y.detach().is_leaf, y.requires_grad"
                          << "(True, False, True, True)";
    QTest::newRow("zero") << QString(graph) + "w.grad.zero_()\nw.grad"
                          << "tensor([0.])";
    QTest::newRow("set to None") << QString(graph) + "w.grad = None\nw.grad is None"
                                 << "True";
    QTest::newRow("loses the leaf") << QString(graph) + "w = w - 0.1 * w.grad\nw.is_leaf"
                                    << "False";
    QTest::newRow("no_grad line") << QString(graph) + "with no_grad(): w -= 0.1 * w.grad\nw"
                                  << "tensor([0.5000], requires_grad=True)";
    QTest::newRow("no_grad block") << QString(graph) + "with no_grad:\n  z = w * 2\n  z.requires_grad\nz.requires_grad"
                                   << "False";
    QTest::newRow("hook") << "z = tensor([2.], requires_grad=True)\nt = z * 3\nt.register_hook(g -> 2*g)\n"
                             "t.retain_grad()\nt.backward()\nz.grad, t.grad"
                          << "(tensor([6.]), tensor([2.]))";
    QTest::newRow("integers") << "2**-1, 7//2, -7//2, 7%-3, True+1, 1/3"
                              << "(0.5, 3, -4, -2, 2, 0.3333333333333333)";
    QTest::newRow("power binds tighter") << "-2**2, 2**3**2"
                                         << "(-4, 512)";
    QTest::newRow("comparison") << "1 < 2, tensor([1., 3.]) > 2, not True, 1 == 1 and 2 != 2"
                                << "(True, tensor([False,  True]), False, False)";
    QTest::newRow("slices") << "a = arange(12).reshape(3, 4)\na[1:, ::2]"
                            << "tensor([[ 4,  6],\n        [ 8, 10]])";
    QTest::newRow("new axis") << "a = arange(12).reshape(3, 4)\na[:, None].shape"
                              << "torch.Size([3, 1, 4])";
    QTest::newRow("ellipsis") << "a = arange(12).reshape(3, 4)\na[..., -1]"
                              << "tensor([ 3,  7, 11])";
    QTest::newRow("mask") << "a = arange(12)\na[a > 8]"
                          << "tensor([ 9, 10, 11])";
    QTest::newRow("element") << "a = tensor([[1., 2.], [3., 4.]])\na[0, 1] = 9\na"
                             << "tensor([[1., 9.],\n        [3., 4.]])";
    QTest::newRow("sum") << "tensor([[1., 2.], [3., 4.]]).sum(dim=1, keepdim=True)"
                         << "tensor([[3.],\n        [7.]])";
    QTest::newRow("several results") << "tensor([[1., 2.], [3., 4.]]).max(0)"
                                     << "(tensor([3., 4.]), tensor([1, 1]))";
    QTest::newRow("unpacking") << "v, i = tensor([[1., 2.], [3., 4.]]).max(0)\ni"
                               << "tensor([1, 1])";
    QTest::newRow("list of tensors") << "torch.cat([tensor([1.]), tensor([2.])])"
                                     << "tensor([1., 2.])";
    QTest::newRow("prefixes") << "torch.nn.functional.relu(tensor([-1., 2.])), F.relu(tensor([-1.])), torch.float32"
                              << "(tensor([0., 2.]), tensor([0.]), torch.float32)";
    QTest::newRow("dtypes") << "tensor([1.5, 2], dtype=torch.float64), tensor([]), tensor(3), tensor(True)"
                            << "(tensor([1.5000, 2.0000], dtype=torch.float64), tensor([]), tensor(3), tensor(True))";
    QTest::newRow("in place") << "x = tensor([1., 2.])\nx += 1\nx *= x\nx.add_(1)"
                              << "tensor([ 5., 10.])";
    QTest::newRow("version") << "x = tensor([1.])\nx += 1\nx._version"
                             << "1";
    QTest::newRow("data") << "x = tensor([1.], requires_grad=True)\nx.data.fill_(3)\nx, x._version"
                          << "(tensor([3.], requires_grad=True), 0)";
    QTest::newRow("matmul") << "tensor([[1., 2.]]) @ tensor([[3.], [4.]])"
                            << "tensor([[11.]])";
    QTest::newRow("grad()") << "x = tensor([3.], requires_grad=True)\nautograd.grad(x**3, x)"
                            << "(tensor([27.]),)";
    QTest::newRow("linear") << "manual_seed(0)\nnet = nn.Linear(2, 1)\nnet.weight"
                            << "Parameter containing:\ntensor([[-0.0053,  0.3793]], requires_grad=True)";
    QTest::newRow("printed module") << "Sequential(Linear(2, 1), ReLU())"
                                    << "Sequential(\n  (0): Linear(in_features=2, out_features=1, bias=True)\n"
                                       "  (1): ReLU()\n)";
    QTest::newRow("batch norm")
        << "bn = BatchNorm1d(2)\ny = bn(tensor([[1., 2.], [3., 4.]]))\nbn.running_mean, bn.running_var"
        << "(tensor([0.2000, 0.3000]), tensor([1.1000, 1.1000]))";
    QTest::newRow("frozen")
        << "bn = BatchNorm1d(2)\nbn.eval()\ny = bn(tensor([[1., 2.]]))\nbn.running_mean, bn.training"
        << "(tensor([0., 0.]), False)";
    QTest::newRow("a list holds no modules") << "net = Module()\nnet.layers = [Linear(2, 2)]\nlen(net.parameters())"
                                             << "0";
    QTest::newRow("ModuleList does") << "net = Module()\nnet.layers = ModuleList([Linear(2, 2)])\nlen(net.parameters())"
                                     << "2";
    QTest::newRow("child by index") << "net = Sequential(Linear(2, 1))\nnet[0].weight.shape"
                                    << "torch.Size([1, 2])";
    QTest::newRow("child by path") << "net = Sequential(Linear(2, 1))\nnet.0.weight.shape"
                                   << "torch.Size([1, 2])";
    QTest::newRow("lambda") << "f = (a, b) -> a * b\nf(2, 3), (lambda q: q + 1)(1)"
                            << "(6, 2)";
    const char* const doubled = "f = (f, n) -> n < 1 or (f(f, n - 1) and f(f, n - 1))\n";
    QTest::newRow("calls within the budget") << QString(doubled) + "f(f, 10)"
                                             << "True";
    QTest::newRow("integers, floored") << "-7 // 2, -7 % 2, 7 // -2, 7 % -2, -8 % 2, 7 % -1"
                                       << "(-4, 1, -4, -1, 0, 0)";
    QTest::newRow("large integers, floored")
        << "big = 2**62\n(big - 1) % big, -1 % big, -1 // big, (0 - big - big) // 3, (0 - big - big) % 3, "
           "(0 - big - big) % -1"
        << "(4611686018427387903, 4611686018427387903, -1, -3074457345618258603, 1, 0)";
    QTest::newRow("large integers, compared") << "2**53 + 1 == 2**53, 2**53 + 1 > 2**53, 2**53 + 1 == 2.0**53"
                                              << "(False, True, True)";
    QTest::newRow("comment") << "# nothing\n1 + 1 # two"
                             << "2";
    QTest::newRow("over lines") << "tensor([1.,\n  2.])"
                                << "tensor([1., 2.])";
}

void TestScript::gives_what_pytorch_prints() {
    QFETCH(QString, lines);
    QFETCH(QString, shown);
    Session session;
    QCOMPARE(text(session.run(lines.toStdString())), shown);
}

void TestScript::says_where_and_why_data() {
    QTest::addColumn<QString>("lines");
    QTest::addColumn<QString>("error");
    QTest::newRow("name") << "x = 1\ny = x + z"
                          << "2:9: name 'z' is not defined";
    QTest::newRow("attribute") << "x = tensor([1.])\nx.foo"
                               << "2:3: 'Tensor' object has no attribute 'foo'";
    QTest::newRow("end") << "x = (1 + "
                         << "1:10: the line ends too early: a value is missing, or a bracket";
    QTest::newRow("bracket") << "x = (1 + 2"
                             << "1:11: ')' is missing";
    QTest::newRow("character") << "x = 1 $ 2"
                               << "1:7: the character '$' means nothing here";
    QTest::newRow("string") << "x = 'abc"
                            << "1:5: the string does not end on its line";
    QTest::newRow("two statements") << "x = 1; y = 2"
                                    << "1:8: one line holds one statement";
    QTest::newRow("loop") << "for i in x"
                          << "1:1: 'for' does not fit here, or is not part of this language";
    QTest::newRow("target") << "1 = x"
                            << "1:1: nothing can be assigned to this";
    QTest::newRow("indent") << "x = 1\n  y = 2"
                            << "2:3: the line is further in than the one before";
    QTest::newRow("shapes") << "a = ones(2, 3)\nb = a @ a"
                            << "2:7: mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)";
    QTest::newRow("in place on a leaf")
        << "w = tensor([1.], requires_grad=True)\nw += 1"
        << "2:1: a leaf Variable that requires grad is being used in an in-place operation.";
    QTest::newRow("integer gradient") << "tensor([1, 2], requires_grad=True)"
                                      << "1:1: Only Tensors of floating point and complex dtype can require gradients";
    QTest::newRow("index") << "x = tensor([1.])\nx[0, 1]"
                           << "2:2: too many indices for tensor of dimension 1";
    QTest::newRow("operands") << "tensor([1.]) + 'a'"
                              << "1:14: unsupported operand type(s) for +: 'Tensor' and 'str'";
    QTest::newRow("keyword") << "tensor([1.], foo=1)"
                             << "1:1: tensor() got an unexpected keyword argument 'foo'";
    QTest::newRow("division") << "1 / 0"
                              << "1:3: division by zero";
    QTest::newRow("in a hook")
        << "x = tensor([1.], requires_grad=True)\nx.register_hook(g -> g + q)\n(x * 2).backward()"
        << "2:26: name 'q' is not defined";
    QTest::newRow("recursion") << "f = g -> f(g)\nf(1)"
                               << "1:10: maximum recursion depth exceeded";
    QTest::newRow("large") << "ones(100000, 100000)"
                           << "1:1: the tensor has more than 16777216 elements";
    QTest::newRow("large integer") << "10**30"
                                   << "1:3: the result of '**' does not fit an integer of 64 bits";
    QTest::newRow("large by an operation") << "ones(16777216, 1) + ones(16777216)"
                                           << "1:19: this needs 1125899906842624 bytes at once, and may use 536870912";
    QTest::newRow("large integer divided") << "(0 - 2**62 - 2**62) // -1"
                                           << "1:21: the result of '-' does not fit an integer of 64 bits";
    QTest::newRow("no function") << "x = 1\nx(2)"
                                 << "2:1: 'int' object is not callable";
}

void TestScript::says_where_and_why() {
    QFETCH(QString, lines);
    QFETCH(QString, error);
    Session session;
    QCOMPARE(text(session.error(lines.toStdString())), error);
}

void TestScript::survives_hostile_text() {
    Session session;
    for (const std::string piece : {"(", "[", "-", "not ", "x -> ", "f(", "2**", "with no_grad: ", "x[", "((a,"})
        QVERIFY2(text(session.error(repeated(piece, 1000))).contains("nested"), piece.c_str());
    for (const char* piece : {"1+", "x.", "1 and ", "1,"})
        QVERIFY(text(session.error(repeated(piece, 5000) + "1")) != "no error" || std::string(piece) == "1,");
    QVERIFY(text(session.error(repeated("+x", 40000))).contains("longer than 65536 bytes"));
    std::string every;
    for (int c = 1; c < 256; ++c)
        every += static_cast<char>(c);
    QVERIFY(session.error(every) != "no error");
    // Cut anywhere, a text is read or refused, and nothing else.
    const std::string whole = "with no_grad(): y[0, 1:3] = (x -> x.relu(dim=-1) ** 2e-3)(tensor([[1., 2]])) # 'a'";
    for (std::size_t i = 0; i <= whole.size(); ++i) {
        try {
            parse(std::string_view(whole).substr(0, i));
            parse(std::string_view(whole).substr(i));
        } catch (const ScriptError& error) {
            QVERIFY(error.place.line == 1 && error.place.column >= 1);
        }
    }
}

void TestScript::ends_whatever_a_line_asks_for() {
    const auto error_of = [](const std::string& lines) { return text(Session().error(lines)); };
    const std::string nested = "a = " + repeated("[", 46) + "a" + repeated("]", 46) + "\n";
    const QString too_deep = "lists or functions are nested more than 150 deep";
    QVERIFY(error_of("a = []\n" + repeated(nested, 620) + "a").contains(too_deep));
    QVERIFY(error_of("a = 0\nwrap = f -> (() -> f)\n" + repeated("a = wrap(a)\n", 200)).contains(too_deep));
    QVERIFY(error_of("a = [1]\n" + repeated("a = [a, a]\n", 26) + "a").contains("more than 100000 items"));
    QVERIFY(error_of("tuple(zeros(100001))").contains("more than 100000 items"));
    QVERIFY(error_of("zeros(400, 400).tolist()").contains("more than 100000 items"));
    const QString too_long = "this line takes too long";
    QVERIFY(error_of("(f -> f(f, 60))((f, n) -> n < 1 or (f(f, n - 1) and f(f, n - 1)))").contains(too_long));
    const std::string list = "a = [1]\n" + repeated("a = [a, a]\n", 14);
    QVERIFY(error_of(list + "(f -> f(f, 16))((f, n) -> a == a and (n < 1 or (f(f, n - 1) and f(f, n - 1))))")
                .contains(too_long));
    const std::string strings = "a = '1'\n" + repeated("a = str([a, a])\n", 40);
    QVERIFY(error_of(strings).contains("the text is longer than 65536 bytes"));
    QVERIFY(error_of("a = str([zeros(100)] )\n" + repeated("print(a, a)\n", 3)) == "no error");
    Session session;
    const QString shown = text(session.run("a = ['" + std::string(30000, 'x') + "', 1]\nb = [a, a]\n[b, b, b]"));
    QVERIFY(shown.endsWith("...]]]") || shown.endsWith("...]"));
    QVERIFY(shown.size() < 200'000);
    QCOMPARE(text(session.run("1 + 1")), "2"); // each line anew
}

void TestScript::keeps_what_ran_before_an_error() {
    Session session;
    QCOMPARE(text(session.error("x = 3\ny = x + nothing\nz = 1")), "2:9: name 'nothing' is not defined");
    QCOMPARE(session.names->names(), std::vector<std::string>{"x"});
    QCOMPARE(text(session.run("x")), "3");
}

void TestScript::warns_of_a_non_leafs_grad() {
    Session session;
    session.run("x = tensor([1.], requires_grad=True)\ny = x * 2\ny.backward()\nprint('grad', y.grad)");
    QCOMPARE(session.printed, std::vector<std::string>{"grad None"});
    QCOMPARE(session.warnings.size(), std::size_t{1});
    QVERIFY(text(session.warnings[0]).startsWith("The .grad attribute of a Tensor that is not a leaf Tensor"));
}

void TestScript::runs_hooks_until_they_are_removed() {
    Session session;
    session.run("x = tensor([1.], requires_grad=True)\nh = x.register_hook(g -> 2 * g)\n(x * 3).backward()");
    QCOMPARE(text(session.run("x.grad")), "tensor([6.])");
    QCOMPARE(text(session.run("h.remove()\nx.grad = None\n(x * 3).backward()\nx.grad")), "tensor([3.])");
    session.run("x.register_post_accumulate_grad_hook(p -> print(p.grad))\n(x * 3).backward()");
    QCOMPARE(session.printed, std::vector<std::string>{"tensor([6.])"});
}

void TestScript::runs_module_hooks() {
    Session session;
    session.run("net = Sequential(Linear(1, 1, bias=False), ReLU())\nwith no_grad(): net[0].weight.fill_(2)\n"
                "net.register_forward_hook((m, i, o) -> print('parent'))\n"
                "net[1].register_forward_hook((m, i, o) -> print('child', type(m), o.shape))\n"
                "net[0].register_forward_hook((m, i, o) -> o * 10)\ny = net(tensor([[1.]]))");
    QCOMPARE(session.printed, (std::vector<std::string>{"child ReLU torch.Size([1, 1])", "parent"}));
    QCOMPARE(text(session.run("y.item()")), "20.0");
    session.run("net.register_full_backward_hook((m, gi, go) -> print(len(gi), go[0]))\ny = net(tensor([[1.]]))\n"
                "y.backward()");
    QCOMPARE(text(session.printed.back()), "1 tensor([[1.]])");
}

void TestScript::removes_hooks_with_the_script() {
    Tensor x = tensor({1.0}, {.requires_grad = true});
    {
        Session session;
        session.names->assign("x", Value::of(x));
        session.run("x.register_hook(g -> 2 * g)");
    }
    (x * 2).backward();
    QCOMPARE(text(to_string(x.grad())), "tensor([2.])");
}

void TestScript::trains_a_module() {
    Session session;
    session.run("net = Linear(1, 1)\nwith no_grad: net.weight.fill_(1); \nwith no_grad: net.bias.fill_(0)\n"
                "sgd = SGD(net.parameters(), lr=0.1)\nbest = net.state_dict()\nkept = deepcopy(net.state_dict())\n"
                "loss = mse_loss(net(tensor([[1.]])), tensor([[3.]]))\nloss.backward()\nsgd.step()\nsgd.zero_grad()");
    QCOMPARE(text(session.run("net.weight.item() == 1.4 or net.weight")),
             "Parameter containing:\ntensor([[1.4000]], requires_grad=True)");
    QCOMPARE(text(session.run("net.weight.grad")), "None");
    QCOMPARE(text(session.run("best['weight'], kept['weight']")), "(tensor([[1.4000]]), tensor([[1.]]))");
    QCOMPARE(text(session.run("net.load_state_dict(kept)\nnet.weight.item()")), "1.0");
    QCOMPARE(text(session.run("sgd.lr = 0.5\nsgd.lr")), "0.5");
}

void TestScript::takes_names_from_paths() {
    Session session;
    session.run("net = Sequential(Sequential(Linear(2, 1)), ReLU())\nwith no_grad: net[0][0].weight.fill_(3)\n"
                "net(ones(1, 2)).backward()\nnet.block = ModuleList([BatchNorm1d(2)])");
    const auto names = std::make_shared<ModelNames>(*session.names->find("net")->module());
    const auto shown = [&](const char* expression) {
        return text(to_string(evaluate(*parse_expression(expression), names)));
    };
    QCOMPARE(shown("0.0.weight.shape"), "torch.Size([1, 2])");
    QCOMPARE(shown("0.0.weight.grad.norm()"), "tensor(1.4142)");
    QCOMPARE(shown("(0.0.weight * 2 - 1.5e0).sum() + 0.5"), "tensor(9.5000)");
    QCOMPARE(shown("block.0.running_var"), "tensor([1., 1.])");
    QCOMPARE(shown("block.0.running_var[0].item()"), "1.0");
    QVERIFY_THROWS_EXCEPTION(ScriptError, shown("0.1.weight"));
}

/// A Trace would be one: it knows quantities by their whole names alone.
void TestScript::asks_for_the_longest_path_first() {
    struct Quantities final : Environment {
        std::optional<Value> find(std::string_view path) const override {
            asked.emplace_back(path);
            if (path == "layer1.0.conv1.weight.grad") return Value::of(tensor({3.0, 4.0}));
            if (path == "gone") throw Error("its values were not kept");
            return std::nullopt;
        }
        mutable std::vector<std::string> asked;
    };
    const auto names = std::make_shared<Quantities>();
    QCOMPARE(text(to_string(evaluate(*parse_expression("layer1.0.conv1.weight.grad.norm()"), names))), "tensor(5.)");
    QCOMPARE(names->asked, (std::vector<std::string>{"layer1.0.conv1.weight.grad.norm", "layer1.0.conv1.weight.grad"}));
    try {
        evaluate(*parse_expression("1 + gone"), names);
        QFAIL("nothing was thrown");
    } catch (const ScriptError& error) {
        QCOMPARE(text(to_string(error)), "line 1, column 5: its values were not kept");
    }
}

void TestScript::changes_nothing_where_it_may_only_read_data() {
    QTest::addColumn<QString>("expression");
    for (const char* expression : {"x.zero_()", "x.add_(1)", "y.backward()", "x.requires_grad_()", "net(x)",
                                   "net.eval()", "x.register_hook(g -> g)", "manual_seed(1)", "sgd.step()", "relu_(x)"})
        QTest::newRow(expression) << expression;
}

void TestScript::changes_nothing_where_it_may_only_read() {
    QFETCH(QString, expression);
    Session session;
    session.run(
        "x = tensor([[-1.]], requires_grad=True)\ny = x * 2\nnet = Linear(1, 1)\nsgd = SGD(net.parameters(), lr=1)");
    const std::string before = session.run("x, x.grad, net.weight, net.training");
    QVERIFY_THROWS_EXCEPTION(ScriptError, evaluate(*parse_expression(expression.toStdString()), session.names));
    QCOMPARE(text(session.run("x, x.grad, net.weight, net.training")), text(before));
}

void TestScript::lists_names() {
    const auto all = builtin_names();
    for (const char* name : {"tensor", "relu", "Linear", "float32", "Sequential", "SGD", "no_grad"})
        QVERIFY2(std::find(all.begin(), all.end(), name) != all.end(), name);
    const auto members = tensor_member_names();
    for (const char* name : {"grad", "backward", "add_", "relu", "shape"})
        QVERIFY2(std::find(members.begin(), members.end(), name) != members.end(), name);
}

QTEST_APPLESS_MAIN(TestScript)
#include "tst_script.moc"
