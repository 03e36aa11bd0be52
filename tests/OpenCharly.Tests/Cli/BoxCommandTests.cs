using OpenCharly.Cli.Commands;
using OpenCharly.Tests.Boxes;

namespace OpenCharly.Tests.Cli;

/// <summary>Commands on boxes and their images: what they take, and what their exit codes say.</summary>
public sealed class BoxCommandTests
{
    [Fact]
    public void From_box_takes_what_pods_and_clusters_need()
    {
        var (command, parsed) = CommandRun.Parse<BundleFromBoxCommand>("deploy from-box registry.example.org/web:1 site -i blue -e A=1 -e B=2 -p 8080:80 --cluster home --namespace shop --dry-run");
        var request = command.Request(parsed);
        Assert.Equal(("registry.example.org/web:1", "site", "blue", "home", "shop", true), (request.Reference, request.Name, request.Instance, request.Cluster, request.Namespace, request.DryRun));
        Assert.Equal(["A=1", "B=2"], request.Environment);
        Assert.Equal(["8080:80"], request.Ports);
    }

    [Fact]
    public void Merge_takes_boxes_and_limits()
    {
        var (command, parsed) = CommandRun.Parse<BoxMergeCommand>("box merge web site --max-mb 64 --max-total-mb 256 --tag 2026.1.1 --dry-run");
        var request = command.Request(parsed);
        Assert.Equal(("web site", 64, 256, "2026.1.1", true), (string.Join(' ', request.Names), request.MaxMegabytes, request.MaxTotalMegabytes, request.Tag, request.DryRun));
    }

    [Theory]
    [InlineData("podman image inspect", "no such image", 4, "ErrImageNotLocal", "bundle", "from-box", "registry.example.org/web:1")]
    [InlineData("podman image inspect", "no such image", 4, "ErrImageNotLocal", "alias", "install", "registry.example.org/web:1")]
    [InlineData("", "", 3, "there is no alias of web", "alias", "uninstall", "web")]
    [InlineData("", "", 2, "Use --keep 0 or more", "clean", "--keep", "-1")]
    [InlineData("", "", 3, "holds no charly.yml", "box", "merge", "web")]
    [InlineData("", "", 3, "holds no charly.yml", "box", "reconcile")]
    public async Task What_is_not_there_has_its_exit_code(string begin, string answer, int exit, string said, params string[] arguments)
    {
        using var run = new CommandRun { Processes = new EngineStub((begin.Length > 0 ? begin : "podman none", 125, answer)) };
        Assert.Equal(exit, await run.RunAsync(arguments));
        Assert.Contains(said, run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Output);
        Assert.False(File.Exists(run.HostFile));
    }

    [Fact]
    public async Task Clean_lists_what_goes_one_a_line_or_as_JSON()
    {
        using var run = new CommandRun { Processes = new EngineStub { Missing = { "podman", "docker" } } };
        var folder = Path.Combine(run.Home, ".local/share/charly/eval-runs/20260101T000000.000Z-web");
        Directory.CreateDirectory(folder);
        Assert.Equal(0, await run.RunAsync("clean", "--eval", "--keep", "0", "--dry-run"));
        Assert.Equal($"run {folder}\n", run.Output);
        Assert.Equal(0, await run.RunAsync("clean", "--keep", "0", "--json"));
        Assert.EndsWith($"[\n  {{\n    \"kind\": \"run\",\n    \"name\": \"{folder}\"\n  }}\n]\n", run.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder));
    }
}
