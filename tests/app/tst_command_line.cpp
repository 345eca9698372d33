#include "app/command_line.h"

#include <QtTest>

using hs::app::Action;
using hs::app::InputError;
using hs::app::Options;
using hs::app::parse_command_line;

namespace {

Options parse(const QStringList& arguments) {
    std::vector<std::string> list;
    for (const QString& argument : arguments)
        list.push_back(argument.toStdString());
    return parse_command_line(list);
}

QString failure(const QStringList& arguments) {
    try {
        parse(arguments);
    } catch (const InputError& error) {
        return QString::fromUtf8(error.what());
    }
    return {};
}

} // namespace

class TestCommandLine : public QObject {
    Q_OBJECT

  private slots:
    void nothingOpensTheDefaultDemo() {
        const Options options = parse({});
        QVERIFY(options.action == Action::open);
        QVERIFY(options.demo.empty());
        QCOMPARE(options.data.string(), std::string("/usr/share/datasets/fashion-mnist"));
        QVERIFY(!options.headless && options.screenshot.empty() && options.report.empty());
    }

    void readsEveryOption() {
        const Options options = parse({"--demo", "spiral-mlp", "--data=/a b/c", "--seed", "18446744073709551615",
                                       "--threads=2", "--theme", "light", "--headless", "--steps", "12", "--screenshot",
                                       "out", "--report=r.json", "--run-seconds", "2.5"});
        QCOMPARE(options.demo, std::string("spiral-mlp"));
        QCOMPARE(options.data.string(), std::string("/a b/c"));
        QCOMPARE(options.seed, std::numeric_limits<std::uint64_t>::max());
        QCOMPARE(options.threads, 2);
        QCOMPARE(options.theme, std::string("light"));
        QVERIFY(options.headless);
        QCOMPARE(options.steps, 12);
        QCOMPARE(options.screenshot.string(), std::string("out"));
        QCOMPARE(options.report.string(), std::string("r.json"));
        QCOMPARE(options.run_seconds, 2.5);
    }

    void theLaterOptionWins() { QCOMPARE(parse({"--steps", "3", "--steps", "5"}).steps, 5); }

    void helpWins() {
        QVERIFY(parse({"--help"}).action == Action::help);
        QVERIFY(parse({"-h"}).action == Action::help);
        QVERIFY(parse({"--headless", "--help", "--nonsense"}).action == Action::help);
        QVERIFY(parse({"--version"}).action == Action::version);
        QVERIFY(parse({"--list-demos"}).action == Action::list_demos);
    }

    void refusesBadInput_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("reason");
        QTest::newRow("unknown") << QStringList{"--fast"} << "unknown option '--fast'; hookscope --help";
        QTest::newRow("short") << QStringList{"-x"} << "unknown option '-x'";
        QTest::newRow("argument") << QStringList{"net.pt"} << "unexpected argument 'net.pt'";
        QTest::newRow("empty") << QStringList{""} << "unexpected argument ''";
        QTest::newRow("no value") << QStringList{"--demo"} << "--demo: a value is missing (--demo NAME)";
        QTest::newRow("option as value") << QStringList{"--report", "--headless"} << "--report: a value is missing";
        QTest::newRow("value for a flag") << QStringList{"--headless=yes"} << "--headless: this option takes no value";
        QTest::newRow("seed word") << QStringList{"--seed", "seven"} << "--seed: 'seven' is not a whole number";
        QTest::newRow("seed negative") << QStringList{"--seed", "-1"} << "--seed: '-1' is not";
        QTest::newRow("seed too large") << QStringList{"--seed", "18446744073709551616"} << "is not a whole number";
        QTest::newRow("seed and more") << QStringList{"--seed", "7x"} << "'7x' is not";
        QTest::newRow("threads 0") << QStringList{"--threads", "0"} << "'0' is not a whole number from 1 to 1024";
        QTest::newRow("steps 0") << QStringList{"--steps", "0"} << "--steps: '0' is not";
        QTest::newRow("steps fraction") << QStringList{"--steps", "1.5"} << "--steps: '1.5' is not";
        QTest::newRow("seconds nan") << QStringList{"--run-seconds", "nan"} << "'nan' is not a number of seconds";
        QTest::newRow("seconds inf") << QStringList{"--run-seconds", "inf"} << "'inf' is not a number of seconds";
        QTest::newRow("seconds 0") << QStringList{"--run-seconds=0"} << "'0' is not a number of seconds above 0";
        QTest::newRow("theme") << QStringList{"--theme", "blue"} << "there are dark and light";
        QTest::newRow("no path") << QStringList{"--report="} << "--report: '' is not a path";
    }
    void refusesBadInput() {
        QFETCH(QStringList, arguments);
        QFETCH(QString, reason);
        const QString text = failure(arguments);
        QVERIFY2(text.contains(reason), qPrintable(text));
        QVERIFY(!text.contains('\n'));
    }

    void helpNamesEveryOption() {
        const QString help = QString::fromStdString(hs::app::help_text());
        for (const char* option :
             {"--demo NAME", "--list-demos", "--data DIR", "--seed N", "--threads N", "--theme dark|light",
              "--headless", "--steps N", "--screenshot DIR", "--report FILE", "--run-seconds N", "--help", "--version"})
            QVERIFY2(help.contains(option), option);
        for (const QString& line : help.split('\n'))
            QVERIFY2(line.size() <= 110, qPrintable(line));
    }
};

QTEST_GUILESS_MAIN(TestCommandLine)
#include "tst_command_line.moc"
