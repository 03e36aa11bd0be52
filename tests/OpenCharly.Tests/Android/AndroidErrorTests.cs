using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Tests.Model;
using OpenCharly.Tests.Vms;

namespace OpenCharly.Tests.Android;

/// <summary>Mistakes in what is said of devices: each has its code and place, and nothing is asked of any device.</summary>
public sealed class AndroidErrorTests : ProjectFixture
{
    private const string Version = "version: 2026.163.0928\ndiscover: [{path: candy, recursive: true}]\n";

    private readonly PlayedPrograms _programs = new(_ => new CommandResult("false\n", "", 0, TimeSpan.Zero));

    public static TheoryData<string> Devices { get; } = new()
    {
        "§{serial: x}", "§{box: emulator, adb: {host: a.example.org}}", "{adb: {host: §\"a b\"}}", "{adb: {host: a.example.org, port: §0}}",
        "{adb: {host: a.example.org}, serial: §\"-x\"}", "{adb: {host: a.example.org}, google_account: §{email_secret: A}}", "{adb: {host: §\"${HOME}\"}}",
    };

    private CharlyContext Context => new(Machine, null, _programs);

    [Theory]
    [MemberData(nameof(Devices))]
    public async Task A_mistake_in_a_device_has_its_place(string device)
    {
        var text = Version + $"android:\n  phone: {device}\ndeploy:\n  apps: {{target: android, android: phone}}\n";
        var at = text.IndexOf('§', StringComparison.Ordinal);
        Write("charly.yml", text.Replace("§", "", StringComparison.Ordinal));
        var place = $"charly.yml:{text[..at].Count(c => c == '\n') + 1}:{at - text[..at].LastIndexOf('\n')}";
        var found = Assert.Single((await new ValidateProject(Context).RunAsync()).Errors);
        Assert.Equal((Errors.AndroidDevice, place), (found.Code, found.Position!.ToString()));
        var error = await Assert.ThrowsAnyAsync<CharlyException>(AddAsync);
        Assert.Equal((Errors.AndroidDevice, place), (error.Code, error.Position!.ToString()));
        Assert.Empty(_programs.Requests);
    }

    [Theory]
    [InlineData("apps: {target: android}", "CFG009")]
    [InlineData("apps: {target: android, android: phone, add_candy: [missing]}", "REF002")]
    [InlineData("apps: {target: android, android: phone, add_candy: [demo]}", "android.apk_not_found")]
    public async Task What_is_missing_is_said_before_the_device_is_asked(string entry, string code)
    {
        Write("charly.yml", Version + "android:\n  phone: {adb: {host: a.example.org}}\ndeploy:\n  " + entry + "\n");
        WriteCandy("demo", "apk: [{apk: data/demo.apk}]");
        File.WriteAllText(Path.Combine(Root, "demo.apk"), "not in the project");
        Assert.Equal(code, (await Assert.ThrowsAnyAsync<CharlyException>(AddAsync)).Code.Id);
        Assert.Empty(_programs.Requests);
    }

    [Fact]
    public async Task A_device_that_only_another_project_declares_is_named_with_the_nearest()
    {
        Write("charly.yml", Version + "android:\n  phone: {adb: {host: a.example.org}}\n");
        WriteHost("version: 2026.163.0928\ndeploy:\n  apps: {target: android, android: fone}\n");
        var error = await Assert.ThrowsAsync<CharlyException>(AddAsync);
        Assert.Equal((Errors.AndroidDeviceMissing, "Did you mean \"phone\"?"), (error.Code, error.Help));
    }

    [Theory]
    [InlineData("lab: {box: emulator, port: [\"5037:5037\"], nested: {apps: {target: android, android: emu}}}", "lab.apps", "is not running", "charly start lab")]
    [InlineData("apps: {target: android, android: emu}", "apps", "is not nested in one", "Move it below nested:")]
    public async Task An_emulator_needs_its_pod(string entry, string name, string message, string help)
    {
        Write("charly.yml", Version + "android:\n  emu: {box: emulator}\ndeploy:\n  " + entry + "\n");
        var error = await Assert.ThrowsAsync<CharlyException>(() => new AddBundle(Context).RunAsync(new BundleRequest { Name = name }));
        Assert.Equal(Errors.AndroidParent, error.Code);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains(help, error.Help, StringComparison.Ordinal);
        Assert.DoesNotContain(_programs.Requests, r => r.Program == "adb");
    }

    [Theory]
    [InlineData("box: emulator", "resolved_port: [\"127.0.0.1:32768:5037\"]", "32768")]
    [InlineData("adb: {host: \"127.0.0.1:${HOST_PORT:5555}\"}", "port: [\"41000:5555/tcp\"]", "41000")]
    public async Task The_port_that_the_pod_publishes_is_the_one_that_is_used(string device, string ports, string port)
    {
        Write("charly.yml", Version + $"android:\n  emu: {{{device}}}\ndeploy:\n  lab: {{box: emulator, {ports}, nested: {{apps: {{target: android, android: emu}}}}}}\n");
        var programs = new PlayedPrograms(r => new CommandResult(r.Program == "adb" ? "1\n" : "true\n", "", 0, TimeSpan.Zero));
        await new AddBundle(new CharlyContext(Machine, null, programs)).RunAsync(new BundleRequest { Name = "lab.apps" });
        var adb = programs.Requests.First(r => r.Program == "adb");
        Assert.Equal(["-H", "127.0.0.1", "-P", port, "-s", "emulator-5554", "shell", "getprop", "sys.boot_completed"], adb.Arguments);
        Assert.Contains(programs.Requests, r => r.Arguments.Contains("charly-lab"));
    }

    [Fact]
    public async Task A_port_that_the_pod_does_not_publish_is_named()
    {
        Write("charly.yml", Version + "android:\n  emu: {box: emulator}\ndeploy:\n  lab: {box: emulator, nested: {apps: {target: android, android: emu}}}\n");
        var programs = new PlayedPrograms(_ => new CommandResult("true\n", "", 0, TimeSpan.Zero));
        var error = await Assert.ThrowsAsync<CharlyException>(() => new AddBundle(new CharlyContext(Machine, null, programs)).RunAsync(new BundleRequest { Name = "lab.apps" }));
        Assert.Contains("lab does not publish port 5037", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_that_can_not_be_read_is_left_alone()
    {
        Write("charly.yml", Version + "android:\n  phone: {adb: {host: a.example.org}}\ndeploy:\n  apps: {target: android, android: phone}\n");
        var record = Path.Combine(new HostPaths(Machine).AndroidRecords, "apps.json");
        Write(record, "{");
        var error = await Assert.ThrowsAsync<CharlyException>(() => new RemoveBundle(Context).RunAsync(new RemoveBundleRequest { Name = "apps" }));
        Assert.Equal(Errors.LedgerRecord, error.Code);
        Assert.Equal("{", File.ReadAllText(record));
    }

    private Task<OpenCharly.Targets.DeployResult> AddAsync() => new AddBundle(Context).RunAsync(new BundleRequest { Name = "apps" });
}
