#version 450
#extension GL_GOOGLE_include_directive : require
#include "shaders/scene.glsl"

layout(std430, binding = 0) readonly buffer Items { RectItem items[]; };

layout(location = 0) flat out vec4 color;

void main() {
    RectItem item = items[gl_InstanceIndex];
    color = premultiplied(item.color);
    gl_Position = toClip(item.rect.xy + quadCorner(gl_VertexIndex) * item.rect.zw);
}
