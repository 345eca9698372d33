#include "engine/session/lesson.h"
#include "engine/session/session.h"

#include <QDir>
#include <QtTest>

using namespace hs;
using namespace hs::session;

namespace {

QByteArray bytes_of(const QString& file) {
    QFile opened(file);
    return opened.open(QIODevice::ReadOnly) ? opened.readAll() : QByteArray();
}

QDir lessons() {
    return QDir(QStringLiteral(HOOKSCOPE_SOURCE_DIR "/resources/lessons"));
}

struct Given {
    Lesson lesson;
    std::shared_ptr<const ScratchRun> run;
};

Given give(const QString& name) {
    const Lesson lesson = parse_lesson(bytes_of(lessons().filePath(name)).toStdString());
    const auto pad = std::make_shared<ScratchPad>();
    pad->set(lesson.script, lesson.questions);
    const auto session = open_scratch(pad);
    session->step();
    if (!session->wait_until_stopped(20)) throw std::runtime_error("it did not stop");
    return {lesson, pad->run()};
}

/// `line: reason`
QString error_of(const char* text) {
    try {
        parse_lesson(text);
    } catch (const LessonError& error) {
        return QString::number(error.line) + ": " + error.what();
    }
    return QStringLiteral("no error");
}

const char* const small = "title: T\n[build]\nText.\n| w = tensor([1.])\n[predict]\nask: Q {w.item()}\nkind: number\n"
                          "answer: w.sum()\nsays: {w}\n";

} // namespace

class TestLessons : public QObject {
    Q_OBJECT

  private slots:
    void each_lesson_says_what_pytorch_does_data();
    void each_lesson_says_what_pytorch_does();
    void there_are_sixteen();
    void refuses_a_broken_file_data();
    void refuses_a_broken_file();
    void reads_every_part_of_a_file();
    void judges_what_is_said();
    void survives_hostile_files();
};

// What PyTorch 2 gives, one for each prediction.
void TestLessons::each_lesson_says_what_pytorch_does_data() {
    QTest::addColumn<QStringList>("right");
    const auto row = [](const char* name, const QStringList& right) { QTest::newRow(name) << right; };
    const QString works = "it works", stops = "it stops with an error";
    row("01-classic", {"2", "5"});
    row("02-where-is-y-grad", {"None"});
    row("03-computed-yet-a-leaf", {"a leaf", "not a leaf"});
    row("04-gradients-grow", {"3", "6"});
    row("05-update-loses-the-leaf", {"not a leaf", "None"});
    row("06-conversion-after-requires-grad", {"not a leaf", "None"});
    row("07-backward-twice", {stops, "6"});
    row("08-in-place-sometimes-fine", {works, stops});
    row("09-data-lies-detach-tells", {"20", stops});
    row("10-eval-is-not-no-grad", {"yes", "a leaf"});
    row("11-frozen-batch-norm-still-moves", {"1.5", "1.5"});
    row("12-layers-in-a-list-vanish", {"0", "4"});
    row("13-best-weights-that-change", {"0.5", "1"});
    row("14-retain-grad-and-hooks", {"10", "30"});
    row("15-old-backward-hook-misleads", {"0"});
    row("16-parent-fires-before-child", {"20"});
}

void TestLessons::each_lesson_says_what_pytorch_does() {
    QFETCH(QStringList, right);
    const Given given = give(QString::fromLatin1(QTest::currentDataTag()) + ".lesson");
    QStringList found;
    for (const LessonStep& step : given.lesson.steps) {
        const std::string text = filled(step.text, *given.run) + filled(step.says, *given.run);
        QVERIFY2(!QString::fromStdString(text).contains("is not defined"), text.c_str());
        if (step.kind != LessonStep::Kind::predict) continue;
        const ScratchAnswer& answer = given.run->answers.at(step.answer);
        QVERIFY2(answer.asked && answer.error.empty(), answer.error.c_str());
        found.append(QString::fromStdString(right_answer(step, answer)));
        QVERIFY(is_right(step, answer, found.last().toStdString()));
        if (step.choices.empty()) continue;
        const auto offered = [&](const LessonChoice& choice) { return choice.label == found.last().toStdString(); };
        QVERIFY2(std::any_of(step.choices.begin(), step.choices.end(), offered), qPrintable(found.last()));
    }
    QCOMPARE(found, right);
    // An error is what a lesson asks for, or there is none.
    if (given.run->error) QVERIFY2(right.contains("it stops with an error"), given.run->error->text.c_str());
}

void TestLessons::there_are_sixteen() {
    QCOMPARE(lessons().entryList({"*.lesson"}).size(), 16);
}

void TestLessons::refuses_a_broken_file_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("error");
    const auto row = [](const char* name, const char* text, const char* error) {
        QTest::newRow(name) << QByteArray(text) << QString(error);
    };
    row("empty", "", "1: a lesson begins with 'title: ...'");
    row("no script", "title: T\n[build]\nx\n", "3: there is no line for the scratch pad (| w = tensor([1.]))");
    row("nothing to predict", "title: T\n[build]\nx\n| 1\n", "4: there is nothing to predict: [predict] is missing");
    row("unknown step", "title: T\n[bild]\n", "2: there is no step [bild]; there are [build], [predict] and [explain]");
    row("text before", "hello\n", "1: 'hello' stands before the first step; only 'title: ...' does");
    row("two titles", "title: a\ntitle: b\n", "2: the title is there twice");
    row("unknown key", "title: T\n[build]\nx\n| 1\n[predict]\naks: y\n",
        "6: 'aks: y' is none of ask:, kind:, answer:, choices:, hide: and says:");
    row("no answer", "title: T\n[build]\nx\n| 1\n[predict]\nask: y\nkind: number\n",
        "5: 'answer:' is missing in this [predict]");
    row("bad answer", "title: T\n[build]\nx\n| 1\n[predict]\nask: y\nkind: number\nanswer: (1\n",
        "8: '(1', column 3: ')' is missing");
    row("bad kind", "title: T\n[build]\nx\n| 1\n[predict]\nkind: colour\n",
        "6: there is no kind 'colour'; there are number, sign, shape, leaf and choice");
    row("bad script", "title: T\n[build]\nx\n| a = 1\n| b = = 2\n[predict]\nask: y\nkind: number\nanswer: 1\n",
        "5: column 5 of the script: '=' does not fit here");
    row("brace", "title: T\n[build]\nx {w\n| 1\n[explain]\n", "3: a '{' has no '}'");
    row("one choice", "title: T\n[build]\nx\n| 1\n[predict]\nask: y\nkind: choice\nanswer: 1\nchoices: 1\n",
        "5: a choice needs 'choices:', two at least");
    row("no text", "title: T\n[build]\n| 1\n[explain]\nx\n", "2: this step has no text");
}

void TestLessons::refuses_a_broken_file() {
    QFETCH(QByteArray, text);
    QFETCH(QString, error);
    QCOMPARE(error_of(text.constData()), error);
}

void TestLessons::reads_every_part_of_a_file() {
    const Lesson lesson = parse_lesson(small);
    QCOMPARE(lesson.title, std::string("T"));
    QCOMPARE(lesson.script, std::string("w = tensor([1.])\n"));
    QCOMPARE(lesson.steps.size(), std::size_t{2});
    QCOMPARE(lesson.questions.size(), std::size_t{3});
    QCOMPARE(lesson.questions[1].expression, std::string("w.sum()"));
    QCOMPARE(lesson.questions[1].line, 1);
    ScratchRun run;
    run.answers.resize(3);
    run.answers[0].number = 1.5;
    QCOMPARE(filled(lesson.steps[1].text, run), std::string("Q 1.5"));
}

void TestLessons::judges_what_is_said() {
    LessonStep step;
    ScratchAnswer answer;
    step.prediction = PredictionKind::number;
    answer.text = "tensor([0.3333])";
    answer.number = 1.0 / 3;
    QVERIFY(is_right(step, answer, " 0.3333 "));
    QVERIFY(!is_right(step, answer, "0.34"));
    QVERIFY(!is_right(step, answer, "a third"));
    QVERIFY(!is_right(step, answer, ""));
    step.prediction = PredictionKind::sign;
    answer.number = -2;
    QCOMPARE(right_answer(step, answer), std::string("negative"));
    step.prediction = PredictionKind::shape;
    answer.text = "torch.Size([2, 3])";
    QVERIFY(is_right(step, answer, "[2,3]"));
    QVERIFY(!is_right(step, answer, "[3, 2]"));
    step.prediction = PredictionKind::number;
    answer = {};
    answer.text = "None";
    QVERIFY(is_right(step, answer, "None"));
    QVERIFY(!is_right(step, answer, "0"));
}

void TestLessons::survives_hostile_files() {
    const std::string whole = bytes_of(lessons().filePath("09-data-lies-detach-tells.lesson")).toStdString();
    QVERIFY(!whole.empty());
    for (std::size_t i = 0; i < whole.size(); i += 7) {
        std::string changed = whole.substr(0, i);
        QVERIFY(error_of(changed.c_str()) != "");
        changed = whole;
        changed[i] = '{';
        error_of(changed.c_str());
    }
    QVERIFY(error_of(("title: T\n[build]\n" + std::string(70'000, 'x')).c_str()).contains("longer than 65536 bytes"));
    QVERIFY(error_of("title: T\n[build]\n\x01\n").contains("control character"));
    std::string many = "title: T\n";
    for (int i = 0; i < 50; ++i)
        many += "[build]\nx\n| 1\n";
    QVERIFY(error_of(many.c_str()).contains("at most 40 steps"));
}

QTEST_APPLESS_MAIN(TestLessons)
#include "tst_lessons.moc"
