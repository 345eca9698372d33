#version 450
#extension GL_GOOGLE_include_directive : require
#include "shaders/scene.glsl"

// Only maps that hold NaN or infinity pay for their patterns.
layout(constant_id = 0) const bool hasPatterns = false;

layout(binding = 1) uniform usamplerBuffer words;

layout(location = 0) in vec2 cell;
layout(location = 1) flat in vec4 range;
layout(location = 2) flat in vec4 nan;
layout(location = 3) flat in uvec4 data;
layout(location = 4) flat in uint stride;
layout(location = 0) out vec4 result;

uint word(uint at) { return texelFetch(words, int(frame.words + at)).r; }

// NaN: diagonal hatch. Infinity: dots. Both in the token's hue, over a darker shade of it.
vec4 notFinite(bool isNan) {
    vec2 p = gl_FragCoord.xy / frame.dpr;
    bool hatch = mod(p.x + p.y, 6.0) < 3.0;
    vec2 fromDot = mod(p, 5.0) - 2.5;
    bool dotted = dot(fromDot, fromDot) < 2.5;
    bool bright = isNan ? hatch : dotted;
    return vec4(nan.rgb * (bright ? 1.0 : 0.35), 1.0);
}

void main() {
    uvec2 at = min(uvec2(max(cell, 0.0)), data.zw - 1u);
    uint bits = word(data.x + at.y * stride + at.x);
    float u = clamp((uintBitsToFloat(bits) - range.x) * range.y + range.z, 0.0, 1.0);
    vec4 color = unpackUnorm4x8(word(data.y + uint(u * range.w + 0.5)));
    bool finite = !hasPatterns || (bits & 0x7f800000u) != 0x7f800000u;
    result = finite ? color : notFinite((bits & 0x007fffffu) != 0u);
}
