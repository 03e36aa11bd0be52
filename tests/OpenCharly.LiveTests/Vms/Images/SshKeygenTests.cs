using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Vms.Keys;

namespace OpenCharly.LiveTests.Vms.Images;

public sealed class SshKeygenTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("charly-key-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [NeedsFact("ssh-keygen")]
    public async Task Pairs_are_ed25519_in_openssh_format_and_a_lost_public_half_is_found_again()
    {
        var environment = CharlyEnvironment.FromProcess();
        var keys = new SshKeys(environment, new ProcessRunner(environment));
        var key = (await keys.ResolveAsync("generate", _folder))!;
        Assert.StartsWith("ssh-ed25519 ", key.PublicKey, StringComparison.Ordinal);
        Assert.StartsWith("-----BEGIN OPENSSH PRIVATE KEY-----", await File.ReadAllTextAsync(key.PrivateKeyPath!), StringComparison.Ordinal);

        File.Delete(key.PublicKeyPath);
        Assert.Equal(key.PublicKey, (await keys.ResolveAsync("generate", _folder))!.PublicKey);
    }

    [NeedsFact("ssh-keygen")]
    public async Task Known_hosts_lines_are_found_by_alias_and_by_address()
    {
        var environment = CharlyEnvironment.FromProcess();
        var runner = new ProcessRunner(environment);
        var host = await new SshKeys(environment, runner).EnsureHostKeyAsync(_folder);
        var file = Path.Combine(_folder, "known_hosts");
        await File.WriteAllTextAsync(file, KnownHosts.Line("charly-web", "127.0.0.1", 2222, host.PublicKey));
        foreach (var name in new[] { "charly-web", "[127.0.0.1]:2222" })
        {
            Assert.True((await runner.RunAsync(new ProcessRequest("ssh-keygen", "-F", name, "-f", file))).Succeeded, name);
        }
    }
}
