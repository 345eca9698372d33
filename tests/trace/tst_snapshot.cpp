#include "engine/tensor/block.h"
#include "engine/tensor/error.h"
#include "engine/trace/value.h"

#include <QtTest>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

using namespace hs;
using namespace hs::trace;

namespace {

template <class T>
Ref<Block> block_of(const std::vector<T>& values) {
    Ref<Block> block = Block::allocate(values.size() * sizeof(T));
    if (!values.empty()) std::memcpy(block->data(), values.data(), values.size() * sizeof(T));
    return block;
}

Ref<Block> counting(std::size_t count) {
    std::vector<float> values(count);
    for (std::size_t i = 0; i < count; ++i)
        values[i] = static_cast<float>(i);
    return block_of(values);
}

std::vector<float> read(const Snapshot& snapshot, std::int64_t first, std::size_t count) {
    std::vector<float> values(count, -1);
    snapshot.read(first, values);
    return values;
}

} // namespace

class TestSnapshot : public QObject {
    Q_OBJECT

  private slots:
    void blocks_are_aligned_and_accounted_for() {
        const std::size_t before = block_memory().current;
        {
            std::vector<Ref<Block>> blocks;
            for (const std::size_t bytes : {0, 1, 4, 64, 100, 4096, 1'000'000}) {
                blocks.push_back(Block::allocate(bytes));
                QCOMPARE(blocks.back()->size(), bytes);
                QCOMPARE(reinterpret_cast<std::uintptr_t>(blocks.back()->data()) % 64, std::uintptr_t{0});
                std::memset(blocks.back()->data(), 0x5a, bytes);
            }
            QCOMPARE(block_memory().current, before + 1'004'265);
            QVERIFY(block_memory().peak >= before + 1'004'265);
        }
        QCOMPARE(block_memory().current, before);
        QVERIFY(block_memory().peak >= before + 1'004'265);
    }

    void memory_that_is_not_there_is_an_error() {
        const std::size_t before = block_memory().current;
        for (const std::size_t bytes : {std::numeric_limits<std::size_t>::max(), std::size_t{1} << 63}) {
            try {
                Block::allocate(bytes);
                QFAIL("no error");
            } catch (const Error& error) {
                QVERIFY(QByteArray(error.what()).contains(QByteArray::number(static_cast<qulonglong>(bytes))));
            }
        }
        QCOMPARE(block_memory().current, before);
    }

    void a_snapshot_holds_its_block() {
        Ref<Block> block = counting(4);
        const Snapshot snapshot(block, Dtype::float32, {4}, {1}, 0);
        const Snapshot copy = snapshot;
        QCOMPARE(block->use_count(), 2u);
        block.reset();
        QCOMPARE(copy.at(3), 3.0);
    }

    void reads_row_major_from_any_strides() {
        // [2, 3, 4, 5] kept channels-last, as convolutions leave it.
        const Shape shape{2, 3, 4, 5};
        const Snapshot nhwc(counting(120), Dtype::float32, shape, {60, 1, 15, 3}, 0);
        const Snapshot transposed(counting(12), Dtype::float32, {4, 3}, {1, 4}, 0);
        const Snapshot expanded(counting(3), Dtype::float32, {2, 3}, {0, 1}, 0);
        const Snapshot reversed(counting(6), Dtype::float32, {2, 3}, {-3, -1}, 5);
        QCOMPARE(read(transposed, 0, 12), (std::vector<float>{0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11}));
        QCOMPARE(read(expanded, 1, 4), (std::vector<float>{1, 2, 0, 1}));
        QCOMPARE(read(reversed, 0, 6), (std::vector<float>{5, 4, 3, 2, 1, 0}));
        std::int64_t position = 0;
        const std::vector<float> all = read(nhwc, 0, 120);
        for (std::int64_t n = 0; n < 2; ++n)
            for (std::int64_t c = 0; c < 3; ++c)
                for (std::int64_t y = 0; y < 4; ++y)
                    for (std::int64_t x = 0; x < 5; ++x, ++position) {
                        const auto expected = static_cast<double>(60 * n + c + 15 * y + 3 * x);
                        QCOMPARE(nhwc.at(position), expected);
                        QCOMPARE(static_cast<double>(all[static_cast<std::size_t>(position)]), expected);
                    }
    }

    void reads_parts_and_offsets() {
        const Snapshot part(counting(100), Dtype::float32, {3, 4}, {10, 1}, 25);
        QCOMPARE(read(part, 2, 7), (std::vector<float>{27, 28, 35, 36, 37, 38, 45}));
        QCOMPARE(part.bytes(), std::size_t{48});
        QCOMPARE(part.count(), 12);
        const Snapshot scalar(counting(2), Dtype::float32, {}, {}, 1);
        QCOMPARE(scalar.at(0), 1.0);
        QCOMPARE(read(scalar, 0, 1), std::vector<float>{1});
    }

    void converts_every_dtype() {
        const auto first = [](Dtype dtype, Ref<Block> block) {
            const Snapshot snapshot(std::move(block), dtype, {2}, {1}, 0);
            const double exact = snapshot.at(1);
            return static_cast<float>(exact) == read(snapshot, 1, 1)[0] ? exact : std::nan("");
        };
        QCOMPARE(first(Dtype::float32, block_of<float>({0, 1.5f})), 1.5);
        QCOMPARE(first(Dtype::float64, block_of<double>({0, 0.1})), 0.1);
        QCOMPARE(first(Dtype::int64, block_of<std::int64_t>({0, -(1ll << 40)})), -std::pow(2.0, 40));
        QCOMPARE(first(Dtype::int32, block_of<std::int32_t>({0, -7})), -7.0);
        QCOMPARE(first(Dtype::int16, block_of<std::int16_t>({0, -300})), -300.0);
        QCOMPARE(first(Dtype::int8, block_of<std::int8_t>({0, -3})), -3.0);
        QCOMPARE(first(Dtype::uint8, block_of<std::uint8_t>({0, 200})), 200.0);
        QCOMPARE(first(Dtype::bool_, block_of<std::uint8_t>({0, 1})), 1.0);
        QCOMPARE(first(Dtype::bfloat16, block_of<std::uint16_t>({0, 0x3fc0})), 1.5);
        QCOMPARE(first(Dtype::float16, block_of<std::uint16_t>({0, 0x3e00})), 1.5);
        QCOMPARE(first(Dtype::float16, block_of<std::uint16_t>({0, 0xfbff})), -65504.0);
        QCOMPARE(first(Dtype::float16, block_of<std::uint16_t>({0, 0x0001})), std::exp2(-24));
        QCOMPARE(first(Dtype::float16, block_of<std::uint16_t>({0, 0xfc00})), -HUGE_VAL);
        const Snapshot nan(block_of<std::uint16_t>({0x7e00}), Dtype::float16, {1}, {1}, 0);
        QVERIFY(std::isnan(nan.at(0)));
    }

    void refuses_what_is_out_of_range() {
        const Snapshot snapshot(counting(6), Dtype::float32, {2, 3}, {3, 1}, 0);
        std::vector<float> three(3);
        QVERIFY_EXCEPTION_THROWN(snapshot.at(6), IndexError);
        QVERIFY_EXCEPTION_THROWN(snapshot.at(-1), IndexError);
        QVERIFY_EXCEPTION_THROWN(snapshot.read(4, three), IndexError);
        QVERIFY_EXCEPTION_THROWN(snapshot.read(std::numeric_limits<std::int64_t>::max(), three), IndexError);
        QVERIFY_EXCEPTION_THROWN(Snapshot().at(0), IndexError);
        QVERIFY(!Snapshot());
        snapshot.read(6, {});
        const Snapshot empty(counting(1), Dtype::float32, {0, 3}, {3, 1}, 0);
        QVERIFY_EXCEPTION_THROWN(empty.at(0), IndexError);
        QCOMPARE(empty.count(), 0);
    }

    void refuses_layouts_that_leave_the_block() {
        constexpr std::int64_t far = std::numeric_limits<std::int64_t>::max() / 2;
        QVERIFY_EXCEPTION_THROWN(Snapshot(nullptr, Dtype::float32, {1}, {1}, 0), Error);
        QVERIFY_EXCEPTION_THROWN(Snapshot(counting(6), Dtype::float32, {2, 3}, {1}, 0), Error);
        QVERIFY_EXCEPTION_THROWN(Snapshot(counting(6), Dtype::float32, {2, 3}, {3, 1}, 1), Error);
        QVERIFY_EXCEPTION_THROWN(Snapshot(counting(6), Dtype::float64, {2, 3}, {3, 1}, 0), Error);
        QVERIFY_EXCEPTION_THROWN(Snapshot(counting(6), Dtype::float32, {2}, {-1}, 0), Error);
        QVERIFY_EXCEPTION_THROWN(Snapshot(counting(6), Dtype::float32, {9}, {far}, 0), Error);
    }

    void keys_read_as_people_write_them() {
        QCOMPARE(to_string({Role::parameter, "stage1.conv1", "weight"}), std::string("stage1.conv1.weight"));
        QCOMPARE(to_string({Role::gradient, "fc", "bias"}), std::string("fc.bias.grad"));
        QCOMPARE(to_string({Role::output, "stage1.conv1", ""}), std::string("stage1.conv1 output"));
        QCOMPARE(to_string({Role::output_gradient, "fc", ""}), std::string("fc output gradient"));
        QCOMPARE(to_string({Role::input, "", ""}), std::string("input"));
        QCOMPARE(to_string({Role::update, "", "weight"}), std::string("weight update"));
    }
};

QTEST_APPLESS_MAIN(TestSnapshot)
#include "tst_snapshot.moc"
