using System.Text;
using OpenCharly.Vms.Keys;

namespace OpenCharly.Tests.Vms.Keys;

public sealed class SmbiosCredentialTests
{
    private const string Key = "ssh-ed25519 AAAA me@example.org";

    [Fact]
    public void The_key_of_root_goes_to_its_home() =>
        Assert.Equal(
            $"d /root/.ssh 0700 root root -\nf+~ /root/.ssh/authorized_keys 0600 root root - {Encode(Key + "\n")}\n",
            Content(SmbiosCredential.Render("root", Key)));

    [Fact]
    public void Another_users_key_also_stands_where_cloud_init_does_not_write() =>
        Assert.Equal(
            $"""
            f+~ /etc/ssh/sshd_config.d/00-charly-smbios-ssh.conf 0644 root root - {Encode("AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/authorized_keys.d/%u\n")}
            d /etc/ssh/authorized_keys.d 0755 root root -
            f+~ /etc/ssh/authorized_keys.d/ops 0644 root root - {Encode(Key + "\n")}
            d /home/ops/.ssh 0700 ops ops -
            f+~ /home/ops/.ssh/authorized_keys 0600 ops ops - {Encode(Key + "\n")}

            """,
            Content(SmbiosCredential.Render("ops", Key + "\n")));

    private static string Content(string credential)
    {
        const string prefix = "io.systemd.credential.binary:tmpfiles.extra=";
        Assert.StartsWith(prefix, credential, StringComparison.Ordinal);
        return Encoding.UTF8.GetString(Convert.FromBase64String(credential[prefix.Length..]));
    }

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
