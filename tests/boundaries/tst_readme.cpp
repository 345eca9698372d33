#include <QFile>
#include <QtTest>

namespace {

QString read(const QString& name) {
    QFile file(QString(HOOKSCOPE_SOURCE_DIR "/") + name);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

} // namespace

class TestReadme : public QObject {
    Q_OBJECT

  private slots:
    void showsTheExamplesAsTheyAreCompiled_data() {
        QTest::addColumn<QString>("example");
        QTest::newRow("train") << "tests/examples/train.cpp";
        QTest::newRow("scope") << "tests/examples/scope.cpp";
    }
    void showsTheExamplesAsTheyAreCompiled() {
        QFETCH(QString, example);
        const QString code = read(example);
        QVERIFY(!code.isEmpty());
        QVERIFY2(code.count('\n') <= 20, "an example has more than 20 lines");
        QVERIFY2(read("README.md").contains("```cpp\n" + code + "```"), "README.md shows another text");
    }
};

QTEST_GUILESS_MAIN(TestReadme)
#include "tst_readme.moc"
