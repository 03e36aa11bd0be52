using System.Diagnostics;
using OpenCharly.Operations;
using OpenCharly.Targets;

namespace OpenCharly.Tests.Operations;

/// <summary>Every task verb from the candy's file to the disk and back: what undo leaves is what was there before.</summary>
public sealed class TaskRoundTripTests : IDisposable
{
    private readonly BundleLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task Everything_that_is_placed_goes_and_everything_that_stood_there_comes_back()
    {
        Write("home/bin/tool", "the user's own tool", "0700");
        Write("home/site/index.html", "the user's own page", "0600");
        Write("home/opt/kit/keep", "kept", "0644");
        Write("home/opt/kit/bin/wx", "the user's own wx", "0644");
        File.CreateSymbolicLink(_lab.At("home/current"), "bin");
        Archive("wx-1/bin/wx", "wx-1/bin/other", "wx-1/doc/readme");
        Write("served/plain", "plain 3.1", "0644");
        Write("served/install.sh", "mkdir -p ~/installed && echo \"$PREFIX\" >~/installed/by-script\n", "0644");
        var before = Photograph();

        _lab.WriteCandy("all", $$"""
              var: {VERSION: "3.1", SITE: "~/site"}
              env: {EDITOR: vi}
              task:
                - {mkdir: ~/data/deep, mode: "0700", user: "${USER}"}
                - {copy: page, to: "${SITE}/index.html", mode: "0640", user: "${USER}"}
                - {copy: tree, to: ~/tree, user: "${USER}"}
                - {write: "~/etc/wx-${VERSION}.conf", content: "home=$HOME ${VERSION}", mode: "0600", user: "${USER}"}
                - {link: ~/current, target: ~/site, user: "${USER}"}
                - {download: "file://{{_lab.At("served")}}/plain", to: ~/bin/tool, user: "${USER}", extract: none}
                - {download: "file://{{_lab.At("served")}}/wx.tar.gz", to: ~/opt/kit, strip_components: 1, include: [wx-1/bin/wx], mode: "0711", user: "${USER}"}
                - {download: "file://{{_lab.At("served")}}/wx.tar.gz", to: ~/opt/new, user: "${USER}"}
                - {download: "file://{{_lab.At("served")}}/install.sh", user: "${USER}", env: {PREFIX: a b}, uninstall: [~/installed/by-script]}

            """);
        _lab.Write("candy/all/page", "ours\n");
        _lab.Write("candy/all/tree/run.sh", "#!/bin/sh\n");
        _lab.Write("candy/all/tree/a b/c.txt", "c\n");
        File.SetUnixFileMode(_lab.At("project/candy/all/tree/run.sh"), Mode("0755"));

        var added = await new AddBundle(_lab.Context).RunAsync(BundleLab.Request("all"));
        Assert.True(added.Failure is null, added.Failure?.ToString());
        Assert.All(added.Steps, s => Assert.Equal(StepStatus.Done, s.Status));
        Check("data/deep/", "0700", null);
        Check("site/index.html", "0640", "ours\n");
        Check("tree/run.sh", "0755", "#!/bin/sh\n");
        Check("tree/a b/c.txt", "0644", "c\n");
        Check("etc/wx-3.1.conf", "0600", "home=$HOME ${VERSION}");
        Assert.Equal(_lab.At("home/site"), new FileInfo(_lab.At("home/current")).LinkTarget);
        Check("bin/tool", "0755", "plain 3.1");
        Check("opt/kit/bin/wx", "0711", "wx-1/bin/wx");
        Assert.False(File.Exists(_lab.At("home/opt/kit/bin/other")));
        Check("opt/new/wx-1/doc/readme", "0644", "wx-1/doc/readme");
        Check("installed/by-script", "0644", "a b\n");
        Assert.False((await new AddBundle(_lab.Context).RunAsync(BundleLab.Request("all"))).Changed);

        var removed = await new RemoveBundle(_lab.Context).RunAsync(new RemoveBundleRequest { Name = "host" });
        Assert.True(removed.Failure is null, removed.Failure?.ToString());
        Assert.Equal(before, Photograph());
    }

    [Theory]
    [InlineData("", "cap_net_raw=ep", "cap_net_raw=ep")]
    [InlineData("cap_chown=ep", "cap_net_raw=ep", "cap_net_raw=ep")]
    [InlineData("cap_chown=ep", "", "")]
    public async Task A_capability_is_set_and_the_file_comes_back_with_those_it_had(string before, string asked, string after)
    {
        if (Environment.UserName != "root" || !File.Exists("/usr/sbin/setcap"))
        {
            Console.WriteLine("skipped: only root can set capabilities, with setcap from libcap2-bin");
            return;
        }

        Write("home/bin/tool", "the user's own tool", "0755");
        if (before.Length > 0) Run("setcap", before, _lab.At("home/bin/tool"));
        _lab.WriteCandy("cap", $"  task: [{{setcap: ~/bin/tool, caps: '{asked}'}}]\n");
        Assert.Null((await new AddBundle(_lab.Context).RunAsync(BundleLab.Request("cap"))).Failure);
        Assert.EndsWith(after, Run("getcap", _lab.At("home/bin/tool")).TrimEnd(), StringComparison.Ordinal);
        Assert.Null((await new RemoveBundle(_lab.Context).RunAsync(new RemoveBundleRequest { Name = "host" })).Failure);
        Assert.Equal(before.Length > 0 ? $"{_lab.At("home/bin/tool")} {before}" : "", Run("getcap", _lab.At("home/bin/tool")).TrimEnd());
        Check("bin/tool", "0755", "the user's own tool");
    }

    private void Check(string path, string mode, string? content)
    {
        var file = _lab.At("home/" + path);
        if (content is not null) Assert.Equal(content, File.ReadAllText(file));
        Assert.Equal(Mode(mode), File.GetUnixFileMode(file));
    }

    private void Write(string path, string text, string mode)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_lab.At(path))!);
        File.WriteAllText(_lab.At(path), text);
        File.SetUnixFileMode(_lab.At(path), Mode(mode));
    }

    private void Archive(params string[] members)
    {
        foreach (var member in members) Write($"packed/{member}", member, "0644");
        Directory.CreateDirectory(_lab.At("served"));
        Run("tar", "-czf", _lab.At("served/wx.tar.gz"), "-C", _lab.At("packed"), "wx-1");
    }

    private IReadOnlyList<string> Photograph() =>
    [
        .. Directory.EnumerateFileSystemEntries(_lab.Home, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Where(p => p != Path.Combine(_lab.Home, ".config") && !(p + "/").StartsWith(Path.Combine(_lab.Home, ".config/opencharly/"), StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(p => new FileInfo(p).LinkTarget is { } link ? $"{p} -> {link}" : $"{p} {File.GetUnixFileMode(p)} {(File.Exists(p) ? File.ReadAllText(p) : "")}"),
    ];

    private static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output;
    }

    private static UnixFileMode Mode(string octal) => (UnixFileMode)Convert.ToInt32(octal, 8);
}
