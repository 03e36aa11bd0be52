using OpenCharly.Boxes;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Pods;
using OpenCharly.Pods.Volumes;

namespace OpenCharly.Tests.Pods;

/// <summary>Volumes filled from an image that is nothing but files, by an engine that is a script: its containers and volumes are folders.</summary>
public sealed class DataImageTests : IDisposable
{
    private const string Engine =
        """
        #!/bin/bash
        # create [-v VOLUME:MOUNT] IMAGE CMD prints a container; cp copies archives or folders out of it, archives into its volume.
        root=ROOT
        echo "$*" >>"$root/calls"
        at() { case $1 in c:/.charly-seed*) echo "$root/volume${1#c:/.charly-seed}";; *) echo "$root/image${1#c:}";; esac; }
        case $1 in
          create) echo c;;
          cp) case "$2 $3" in
                "-a -") tar -x --keep-directory-symlink -C "$root/container";;
                *" -") tar -c -C "$(at "$2")" .;;
                *) cp -a "$(at "$2")" "$3";;
              esac;;
          rm) ;;
          *) exit 1;;
        esac
        """;

    private readonly string _root = Directory.CreateTempSubdirectory("charly-data-image-").FullName;
    private readonly List<string> _warnings = [];

    public DataImageTests()
    {
        foreach (var name in new[] { "docker", "podman" })
        {
            File.WriteAllText(At(name), Engine.Replace("ROOT", _root, StringComparison.Ordinal));
            File.SetUnixFileMode(At(name), AtomicFile.Shared | UnixFileMode.UserExecute);
        }

        Put("image/staging/index.html", "theirs");
        Put("image/staging/sub/deep.txt", "deep");
        Put("image/staging/sub/other.txt", "other");
        File.CreateSymbolicLink(At("image/staging/link"), "index.html");
        Directory.CreateDirectory(At("volume"));
        Directory.CreateDirectory(At("container"));
        File.CreateSymbolicLink(At("container/.charly-seed"), At("volume"));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("")]
    [InlineData("www/site")]
    public async Task With_docker_an_empty_volume_gets_all_files_and_no_image_is_mounted_or_run(string destination)
    {
        await SeedAsync("docker", "charly-x-data", destination, SeedMode.Initial);
        var prefix = destination.Length > 0 ? destination + "/" : "";
        Assert.Equal([$"{prefix}index.html theirs", $"{prefix}link theirs", $"{prefix}sub/deep.txt deep", $"{prefix}sub/other.txt other"], Files("volume"));
        Assert.Equal("index.html", new FileInfo(At($"volume/{prefix}link")).LinkTarget);
        Assert.Equal(["create -v charly-x-data:/.charly-seed data:1 true"], File.ReadLines(At("calls")).Where(l => !l.StartsWith("cp ", StringComparison.Ordinal) && !l.StartsWith("rm ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task With_docker_a_volume_that_holds_anything_gets_nothing_at_first()
    {
        Put("volume/mine", "mine");
        await SeedAsync("docker", "charly-x-data", "", SeedMode.Initial);
        Assert.Equal(["mine mine"], Files("volume"));
    }

    [Fact]
    public async Task With_docker_an_update_adds_what_is_missing_and_leaves_what_is_there()
    {
        Put("volume/index.html", "mine");
        Put("volume/sub/deep.txt", "mine");
        await SeedAsync("docker", "charly-x-data", "", SeedMode.Merge);
        Assert.Equal(["index.html mine", "link mine", "sub/deep.txt mine", "sub/other.txt other"], Files("volume"));
    }

    [Fact]
    public async Task With_docker_a_file_where_the_image_has_a_folder_stays_a_file()
    {
        Put("volume/sub", "mine");
        await SeedAsync("docker", "charly-x-data", "", SeedMode.Merge);
        Assert.Equal(["index.html theirs", "link theirs", "sub mine"], Files("volume"));
    }

    [Fact]
    public async Task With_docker_force_writes_over_what_is_there_and_leaves_the_rest()
    {
        Put("volume/index.html", "mine");
        Put("volume/own", "mine");
        await SeedAsync("docker", "charly-x-data", "", SeedMode.Force);
        Assert.Equal(["index.html theirs", "link theirs", "own mine", "sub/deep.txt deep", "sub/other.txt other"], Files("volume"));
    }

    [Theory]
    [InlineData("podman", SeedMode.Merge, "mine")]
    [InlineData("docker", SeedMode.Merge, "mine")]
    [InlineData("podman", SeedMode.Force, "theirs")]
    public async Task A_folder_of_this_machine_keeps_its_own_files_in_an_update(string engine, SeedMode mode, string expected)
    {
        Put("folder/index.html", "mine");
        await SeedAsync(engine, At("folder"), "", mode);
        Assert.Equal([$"index.html {expected}", $"link {expected}", "sub/deep.txt deep", "sub/other.txt other"], Files("folder"));
    }

    private Task SeedAsync(string engine, string source, string destination, SeedMode mode)
    {
        var environment = CharlyEnvironment.FromProcess();
        var processes = new ProcessRunner(environment with { Variables = new Dictionary<string, string>(environment.Variables) { ["PATH"] = $"{_root}:{environment.Variable("PATH")}" } });
        var volume = new MountedVolume("data", source.StartsWith('/') ? VolumeKind.Bind : VolumeKind.Volume, source, "/data");
        var image = new BoxImage("data:1", "0123", PodCases.Plain with { IsDataImage = true, Data = [new("data", "/staging", "x", destination)] }, default, 0);
        return new DataSeeding(new ContainerEngine(processes, engine), true, processes).RunAsync(image, new VolumePlan([volume], []), new HashSet<string>(), mode, null, _warnings, default);
    }

    private string At(string path) => Path.Combine(_root, path);

    private void Put(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), text);
    }

    private IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(At(folder), "*", SearchOption.AllDirectories).Select(f => $"{Path.GetRelativePath(At(folder), f)} {File.ReadAllText(f)}").Order(StringComparer.Ordinal);
}
