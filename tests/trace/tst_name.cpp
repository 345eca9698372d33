#include "engine/trace/name.h"

#include <QtTest>
#include <map>
#include <string>
#include <thread>
#include <vector>

using namespace hs::trace;

class TestName : public QObject {
    Q_OBJECT

  private slots:
    void equal_names_share_their_string() {
        const std::string text = "stage1.conv1";
        const Name a = text;
        const Name b = std::string_view("stage1.conv1, bias").substr(0, text.size());
        QCOMPARE(&a.str(), &b.str());
        QVERIFY(a == b && a == "stage1.conv1" && a == text);
        QCOMPARE(a.str(), text);
        QVERIFY(a != Name("stage1.conv2"));
        QVERIFY(&a.str() != &text);
    }

    void no_name_is_the_empty_one() {
        QVERIFY(Name().empty() && Name("").empty() && Name() == "");
        QCOMPARE(Name().str(), std::string());
        QVERIFY(!Name("x").empty());
    }

    void order_is_alphabetical() {
        QVERIFY(Name("conv10") < Name("conv2"));
        QVERIFY(Name() < Name("a"));
        std::map<Name, int> numbers{{"weight", 1}, {"bias", 2}};
        QCOMPARE(numbers.begin()->second, 2);
        QCOMPARE(numbers.at("weight"), 1);
    }

    // More names than a thread remembers, and names that look alike at both ends.
    void many_names_stay_apart() {
        std::vector<Name> names;
        for (int i = 0; i < 2000; ++i)
            names.emplace_back("layer" + std::to_string(i) + ".weight");
        for (int i = 0; i < 2000; ++i) {
            QCOMPARE(names[static_cast<std::size_t>(i)].str(), "layer" + std::to_string(i) + ".weight");
            QCOMPARE(Name("layer" + std::to_string(i) + ".weight"), names[static_cast<std::size_t>(i)]);
        }
    }

    void threads_get_the_same_string() {
        constexpr std::size_t count = 300;
        std::vector<std::vector<Name>> found(4);
        std::vector<std::thread> threads;
        for (auto& names : found)
            threads.emplace_back([&names] {
                for (std::size_t i = 0; i < count; ++i)
                    names.emplace_back("shared by threads " + std::to_string(i));
            });
        for (std::thread& thread : threads)
            thread.join();
        for (std::size_t i = 0; i < count; ++i)
            for (const auto& names : found)
                QCOMPARE(&names[i].str(), &found[0][i].str());
    }
};

QTEST_APPLESS_MAIN(TestName)
#include "tst_name.moc"
