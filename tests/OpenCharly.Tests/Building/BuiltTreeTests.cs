using OpenCharly.Building;
using OpenCharly.Plans;

namespace OpenCharly.Tests.Building;

public sealed class BuiltTreeTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("charly-built-").FullName;

    [Fact]
    public void What_belongs_to_one_build_is_told_from_what_builds_share()
    {
        foreach (var file in new[]
        {
            ".npm-global/lib/node_modules/wx/package.json", ".npm-global/lib/node_modules/wx/lib/a.js", ".npm-global/lib/node_modules/@wx/cli/index.js",
            ".cargo/bin/wx", ".cargo/registry/index", ".cargo/.crates.toml", ".cargo/.package-cache", ".pixi/envs/default/bin/python", ".pixi/config.toml", ".cache/charly/x", "notes",
        })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_home, file))!);
            File.WriteAllText(Path.Combine(_home, file), "");
        }

        Directory.CreateDirectory(Path.Combine(_home, ".npm-global/bin"));
        File.CreateSymbolicLink(Path.Combine(_home, ".npm-global/bin/wx"), "../lib/node_modules/wx/lib/a.js");
        var tree = BuiltTree.Of(_home, [".npm-global", ".cargo", ".pixi"]);
        Assert.Equal([".npm-global/lib/node_modules/@wx/cli", ".npm-global/lib/node_modules/wx", ".pixi/envs/default"], tree.Folders);
        Assert.Equal([".cargo/bin/wx", ".npm-global/bin/wx", ".pixi/config.toml"], tree.Files);
        Assert.False(tree.IsEmpty);
    }

    [Fact]
    public void Empty_folders_are_nothing()
    {
        Directory.CreateDirectory(Path.Combine(_home, ".npm-global/lib/node_modules"));
        Assert.True(BuiltTree.Of(_home, [".npm-global", ".pixi"]).IsEmpty);
    }

    [Theory]
    [InlineData("ldd (Debian GLIBC 2.36-9+deb12u14) 2.36", "2.36")]
    [InlineData("ldd (Ubuntu GLIBC 2.39-0ubuntu8.3) 2.39\nCopyright", "2.39")]
    [InlineData("ldd (GNU libc) 2.42", "2.42")]
    [InlineData("musl libc (x86_64)", null)]
    [InlineData("bash: ldd: command not found", null)]
    [InlineData("", null)]
    public void The_version_of_the_C_library_is_read_from_its_first_line(string answer, string? version) =>
        Assert.Equal(version, LibcVersion.Parse(answer)?.ToString());

    public void Dispose() => Directory.Delete(_home, recursive: true);
}
