using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Targets;

namespace OpenCharly.Tests.Targets;

/// <summary>Each way for charly to come into a guest, with a real shell; root's part of the file system is a folder.</summary>
public sealed class GuestCharlyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("charly-guest-").FullName;
    private readonly List<string> _notices = [];
    private readonly string _copy = $"/tmp/charly-{GuestPayload.Version}";

    public void Dispose()
    {
        File.Delete(_copy);
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_guest_with_a_charly_as_new_as_ours_keeps_it()
    {
        var path = Program("bin", "9999.1.1");
        Assert.Equal(path, await EnsureAsync("auto"));
        Assert.False(File.Exists(_copy));
    }

    [Fact]
    public async Task An_older_one_or_none_gets_ours_off_the_path_once()
    {
        Program("bin", "0.0.1");
        var payload = Payload("one");
        Assert.Equal(_copy, await EnsureAsync("auto", payload));
        Assert.Equal(File.ReadAllText(payload), File.ReadAllText(_copy));
        Assert.Equal("755", Convert.ToString((int)File.GetUnixFileMode(_copy), 8));
        Assert.Single(_notices);
        Assert.Equal(_copy, await EnsureAsync("auto", payload));
        Assert.Single(_notices);

        // A copy that is not ours to the last byte is replaced, and a link is never followed.
        File.AppendAllText(_copy, "# changed\n");
        await EnsureAsync("auto", payload);
        Assert.Equal(File.ReadAllText(payload), File.ReadAllText(_copy));
        File.Delete(_copy);
        File.CreateSymbolicLink(_copy, payload);
        await EnsureAsync("auto", payload);
        Assert.Null(new FileInfo(_copy).LinkTarget);
    }

    [Fact]
    public async Task Without_an_executable_it_is_a_warning_or_an_error_if_one_is_needed()
    {
        Assert.Null(await EnsureAsync("auto"));
        Assert.Contains("no charly executable", Assert.Single(_notices), StringComparison.Ordinal);
        Assert.Equal(Errors.GuestBinary, (await Assert.ThrowsAsync<CharlyException>(() => EnsureAsync("auto", isNeeded: true))).Code);
    }

    [Fact]
    public async Task Skip_takes_what_is_there_and_installs_nothing()
    {
        Assert.Equal(Errors.GuestCharlyMissing, (await Assert.ThrowsAsync<CharlyException>(() => EnsureAsync("skip", Payload("one")))).Code);
        var path = Program("bin", "0.0.1");
        Assert.Equal(path, await EnsureAsync("skip"));
    }

    [Fact]
    public async Task An_executable_that_does_not_run_there_is_named()
    {
        var payload = Path.Combine(_folder, "broken");
        File.WriteAllText(payload, "no program\n");
        var error = await Assert.ThrowsAsync<CharlyException>(() => EnsureAsync("auto", payload));
        Assert.Equal(Errors.GuestBinary, error.Code);
        Assert.Contains("does not run", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x86_64", false, "linux-x64")]
    [InlineData("aarch64", false, "linux-arm64")]
    [InlineData("x86_64", true, "linux-musl-x64")]
    [InlineData("riscv64", false, null)]
    public void The_guests_machine_and_C_library_say_which_executable_fits(string machine, bool isMusl, string? runtime) =>
        Assert.Equal(runtime, GuestPayload.Runtime(machine, isMusl));

    [Fact]
    public void The_variable_comes_first_then_the_installation_then_the_program_itself()
    {
        var environment = Environment(null) with { Installation = _folder };
        Assert.Null(new GuestPayload(environment).FileFor("linux-s390x"));
        Directory.CreateDirectory(Path.Combine(_folder, "guest", "linux-arm64"));
        File.WriteAllText(Path.Combine(_folder, "guest", "linux-arm64", "charly"), "");
        Assert.Equal(Path.Combine(_folder, "guest", "linux-arm64", "charly"), new GuestPayload(environment).FileFor("linux-arm64"));
        var own = Path.Combine(_folder, "charly");
        File.WriteAllText(own, "");
        Assert.Equal(own, new GuestPayload(environment).FileFor(System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier));
        File.WriteAllText(own + ".dll", "");
        Assert.Null(new GuestPayload(environment).FileFor(System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier));
        Assert.Equal(own, new GuestPayload(Environment(own)).FileFor("linux-arm64"));
        Assert.Equal(Errors.FileMissing, Assert.Throws<CharlyException>(() => new GuestPayload(Environment("/no/such")).FileFor("linux-x64")).Code);
    }

    private async Task<string?> EnsureAsync(string strategy, string? payload = null, bool isNeeded = false)
    {
        var environment = Environment(payload);
        await using var executor = new LocalExecutor(environment, new ProcessRunner(environment));
        return await new GuestCharly(executor, new GuestPayload(environment), "web", new Listener(_notices)).EnsureAsync(new GuestCharlyRule(strategy), isNeeded, default);
    }

    private CharlyEnvironment Environment(string? payload)
    {
        var variables = new Dictionary<string, string> { ["PATH"] = $"{_folder}/bin:/usr/bin:/bin", ["HOME"] = _folder };
        if (payload is not null) variables["CHARLY_GUEST_BINARY"] = payload;
        return new CharlyEnvironment { Variables = variables, Home = _folder, WorkingDirectory = _folder };
    }

    private string Payload(string name) => Program(name, GuestPayload.Version);

    private string Program(string folder, string version)
    {
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, folder)).FullName, "charly");
        File.WriteAllText(path, $"#!/bin/sh\necho \"charly {version}+0123456789\"\n");
        File.SetUnixFileMode(path, AtomicFile.PrivateFolder);
        return path;
    }

    private sealed class Listener(List<string> notices) : IProgress<CharlyEvent>
    {
        public void Report(CharlyEvent value)
        {
            if (value is NoticeEvent notice) notices.Add(notice.Text);
        }
    }
}
