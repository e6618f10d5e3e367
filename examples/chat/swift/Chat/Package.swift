// swift-tools-version: 5.9
import PackageDescription

let package = Package(
    name: "chat",
    platforms: [.macOS(.v10_15)],
    dependencies: [.package(name: "Pitaya", path: "../../../../client-ffi/swift")],
    targets: [.executableTarget(name: "chat", dependencies: ["Pitaya"], path: ".", sources: ["Chat.swift"])]
)
