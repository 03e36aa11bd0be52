using System.Security.Cryptography;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Targets;
using OpenCharly.Vms;

namespace OpenCharly.LiveTests.Transfer;

/// <summary>How a real guest gets a charly of its own, by what its entity says, whenever something is applied to it.</summary>
[Collection("podman-guest")]
public sealed class GuestCharlyTests(PodmanGuest guest)
{
    private const string Installed = "/usr/local/bin/charly";

    private static readonly string Copy = $"/tmp/charly-{GuestPayload.Version}";

    private string _charly = "";

    [PodmanGuestFact]
    public async Task Charly_comes_into_a_guest_as_its_entity_says_and_answers_there()
    {
        _charly = await guest.CharlyAsync();
        await NothingIsPutThereUnaskedAsync();
        await ACopyLiesOffThePathAsync();
        await ScpInstallsItAsync();
        await TheGuestFetchesItAsync();
        await SkipTakesWhatIsThereAsync();
    }

    private async Task NothingIsPutThereUnaskedAsync()
    {
        await AddAsync(null);
        Assert.Equal("none\n", await guest.InGuestAsync($"ls {Copy} {Installed} 2>/dev/null || echo none"));
    }

    private async Task ACopyLiesOffThePathAsync()
    {
        var told = guest.Lab.Notices.Count(IsPut);
        await AddAsync("{charly_install: {strategy: auto}}");
        var version = await guest.Lab.Context.Processes.RunAsync(new ProcessRequest(_charly, "--version"));
        Assert.Equal(version.StandardOutput, await guest.InGuestAsync($"{Copy} --version"));
        Assert.Equal("755 tester\n", await guest.InGuestAsync($"stat -c '%a %U' {Copy}; command -v charly || true"));
        Assert.Equal("auto", new VmStateStore(guest.Lab.Paths).Read("vm:" + PodmanGuest.Vm)?.CharlyInstallStrategy);

        // It is there now, so nothing is sent again.
        var file = await guest.InGuestAsync($"stat -c '%i %Y' {Copy}");
        await AddAsync("{charly_install: {strategy: auto}}");
        Assert.Equal(file, await guest.InGuestAsync($"stat -c '%i %Y' {Copy}"));
        Assert.Equal(told + 1, guest.Lab.Notices.Count(IsPut));

        // What a cut left of it is replaced; an older one on the path is left to its package, and not used.
        await guest.InGuestAsync($"truncate -s 1M {Copy} && {Script("0.0.1")}");
        await AddAsync("{charly_install: {strategy: auto}}");
        Assert.Equal(version.StandardOutput, await guest.InGuestAsync($"{Copy} --version"));
        Assert.Equal("charly 0.0.1\n", await guest.InGuestAsync("charly version"));

        // A newer one is as good.
        await guest.InGuestAsync($"rm {Copy} && {Script("9999.1.1")}");
        await AddAsync("{charly_install: {strategy: auto}}");
        Assert.Equal("none\n", await guest.InGuestAsync($"ls {Copy} 2>/dev/null || echo none"));
    }

    private async Task ScpInstallsItAsync()
    {
        await AddAsync("{charly_install: {strategy: scp}}");
        Assert.Equal($"755 root {await DigestAsync()}\n", await guest.InGuestAsync($"echo $(stat -c '%a %U' {Installed}) $(sha256sum <{Installed} | cut -d' ' -f1)"));
        Assert.StartsWith("charly ", await guest.InGuestAsync("charly version"), StringComparison.Ordinal);
        await guest.InGuestAsync($"sudo truncate -s 1M {Installed}");
        await AddAsync("{charly_install: {strategy: scp}}");
        Assert.StartsWith("charly ", await guest.InGuestAsync("charly version"), StringComparison.Ordinal);
        await guest.InGuestAsync($"sudo rm {Installed}");
    }

    private async Task TheGuestFetchesItAsync()
    {
        using var server = new FileServer(_charly);
        string How(string digest) => $"{{charly_install: {{strategy: url, url: \"http://10.0.2.2:{server.Port}/charly\", checksum: \"sha256:{digest}\"}}}}";
        var error = await Assert.ThrowsAsync<CharlyException>(() => AddAsync(How(new string('0', 64))));
        Assert.Equal(Errors.TransferFailed, error.Code);
        Assert.Contains("what came has another checksum", error.Message, StringComparison.Ordinal);
        Assert.Equal("none\n", await guest.InGuestAsync($"ls {Installed}* 2>/dev/null || echo none"));

        var digest = await DigestAsync();
        await AddAsync(How(digest));
        Assert.Equal($"755 root {digest}\n", await guest.InGuestAsync($"echo $(stat -c '%a %U' {Installed}) $(sha256sum <{Installed} | cut -d' ' -f1)"));
        await AddAsync(How(digest));
        Assert.Equal(2, server.Requests);
        Assert.StartsWith("charly ", await guest.InGuestAsync("charly version"), StringComparison.Ordinal);
    }

    private async Task SkipTakesWhatIsThereAsync()
    {
        await AddAsync("{charly_install: {strategy: skip}}");
        await guest.InGuestAsync($"sudo rm {Installed}");
        var error = await Assert.ThrowsAsync<CharlyException>(() => AddAsync("{charly_install: {strategy: skip}}"));
        Assert.Equal(Errors.GuestCharlyMissing, error.Code);
    }

    private async Task AddAsync(string? cloudInit)
    {
        var added = await new AddBundle(guest.Project(_charly, cloudInit)).RunAsync(new BundleRequest { Name = "vm:" + PodmanGuest.Vm, Ref = "small" });
        Assert.Null(added.Failure);
    }

    private async Task<string> DigestAsync() => Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(_charly)));

    private static bool IsPut(string notice) => notice.StartsWith("putting charly", StringComparison.Ordinal);

    private static string Script(string version) => $"printf '#!/bin/sh\\necho charly {version}\\n' | sudo tee {Installed} >/dev/null && sudo chmod 755 {Installed}";
}
