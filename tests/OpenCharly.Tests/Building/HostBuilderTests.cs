using OpenCharly.Building;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Plans;
using OpenCharly.Tests.Plans;

namespace OpenCharly.Tests.Building;

/// <summary>What is decided before a container starts; podman itself is replaced at the program boundary.</summary>
public sealed class HostBuilderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("charly-hostbuilder-").FullName;
    private readonly SampleCandies _candies = new();

    [Fact]
    public async Task A_step_without_image_is_refused_with_both_remedies()
    {
        var error = await Assert.ThrowsAsync<CharlyException>(() => Builder(new FakePodman()).CheckAsync([Step("npm", null)]));
        Assert.Equal(Errors.PlanBuilder, error.Code);
        Assert.Contains("builders: nothing says in which image its builder npm runs", error.Message, StringComparison.Ordinal);
        Assert.Contains("--builder-image", error.Help, StringComparison.Ordinal);
        Assert.Contains("defaults: {builder: {npm: IMAGE}}", error.Help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_podman_the_error_says_so()
    {
        var error = await Assert.ThrowsAsync<CharlyException>(() => Builder(new FakePodman { IsInstalled = false }).CheckAsync([Step("npm", "img:1")]));
        Assert.Equal(Errors.PlanBuilder, error.Code);
        Assert.Contains("podman is not installed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_that_is_not_here_is_never_pulled()
    {
        var podman = new FakePodman();
        var error = await Assert.ThrowsAsync<CharlyException>(() => Builder(podman).CheckAsync([Step("npm", "img:1")]));
        Assert.Contains("img:1, which podman does not have here", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(podman.Calls, c => c.Contains("pull"));
    }

    [Fact]
    public async Task A_box_means_its_newest_build()
    {
        var podman = new FakePodman { Images = ["localhost/other:2026.300.0000", "localhost/dev:2026.9.0000", "registry.example.org/dev:2026.150.0900", "localhost/dev:old"] };
        var error = await Assert.ThrowsAsync<CharlyException>(() => BuildAsync(podman, "dev"));
        Assert.Contains("registry.example.org/dev:2026.150.0900", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_newer_C_library_in_the_image_is_refused()
    {
        var error = await Assert.ThrowsAsync<CharlyException>(() => BuildAsync(new FakePodman { Images = ["dev:1"] }, "dev:1"));
        Assert.Equal(Errors.PlanBuilder, error.Code);
        Assert.Contains("glibc 2.41, the target 2.36", error.Message, StringComparison.Ordinal);
        Assert.Contains("older distribution", error.Help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_secret_and_nothing_of_the_home_but_its_stand_in_is_handed_to_the_container()
    {
        var podman = new FakePodman { Images = ["dev:1"], Libc = "2.36" };
        var error = await Assert.ThrowsAsync<CharlyException>(() => BuildAsync(podman, "dev:1"));
        Assert.Equal(Errors.RunStep, error.Code);
        var run = podman.Calls.Last(c => c[0] == "run");
        Assert.Contains("--pull=never", run);
        Assert.Contains("--rm", run);
        var mounts = run.Zip(run.Skip(1)).Where(p => p.First == "-v").Select(p => p.Second).ToList();
        Assert.Contains(mounts, m => m.EndsWith(":/work:ro", StringComparison.Ordinal));
        Assert.Contains(mounts, m => m.EndsWith(":/home/ada", StringComparison.Ordinal) && m.StartsWith(_folder, StringComparison.Ordinal));
        Assert.Contains(mounts, m => m.EndsWith(":/home/ada/.cache/charly", StringComparison.Ordinal) && m.StartsWith(_folder, StringComparison.Ordinal));
        Assert.Contains("HOME=/home/ada", run);
        Assert.Contains("NPM_CONFIG_PREFIX=/home/ada/.npm-global", run);
    }

    public void Dispose()
    {
        _candies.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task BuildAsync(FakePodman podman, string image)
    {
        await using var builder = Builder(podman);
        var step = Step("npm", image);
        await builder.BuildAsync(new BuildRequest(step, new StepScript { Body = "", AsRoot = false }, Plan.Facts("debian:12"))
        {
            Ask = (_, _) => Task.FromResult(new CommandResult("ldd (Debian GLIBC 2.36-9+deb12u14) 2.36\n", "", 0, TimeSpan.Zero)),
        });
    }

    private HostBuilder Builder(FakePodman podman) => new(
        podman, new HostPaths(new CharlyEnvironment { Home = _folder, WorkingDirectory = _folder, Variables = new Dictionary<string, string>() }));

    private BuilderStep Step(string builder, string? image) =>
        Plan.Compile("debian:13", _candies.Builders()).Steps.OfType<BuilderStep>().Single(s => s.Builder == builder) with { BuilderImage = image };

    private sealed class FakePodman : IProcessRunner
    {
        public bool IsInstalled { get; init; } = true;

        public IReadOnlyList<string> Images { get; init; } = [];

        public string Libc { get; init; } = "2.41";

        public List<IReadOnlyList<string>> Calls { get; } = [];

        public string? Find(string program) => IsInstalled && program == "podman" ? "/usr/bin/podman" : null;

        public Task<CommandResult> RunAsync(ProcessRequest request, CancellationToken cancellationToken = default)
        {
            Calls.Add(request.Arguments);
            var (output, code) = request.Arguments switch
            {
                ["image", "exists", var image] => ("", Images.Contains(image) ? 0 : 1),
                ["images", ..] => (string.Concat(Images.Select(i => $"1 day ago\t{i}\n")), 0),
                _ when request.Input == LibcVersion.Question => ($"ldd (GNU libc) {Libc}\n", 0),
                _ => ("", 17),
            };
            return Task.FromResult(new CommandResult(output, "", code, TimeSpan.Zero));
        }
    }
}
