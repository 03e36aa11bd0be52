using System.Text;

namespace OpenCharly.Vms.Keys;

/// <summary>
/// An ssh key as a systemd credential in an SMBIOS type 11 string (vm.md §5.4): it reaches a guest that knows nothing
/// of cloud-init, as long as it has systemd 250 or newer and the account.
/// </summary>
public static class SmbiosCredential
{
    private const string SshdConfig = "AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/authorized_keys.d/%u\n";

    /// <summary>The string for <c>-smbios type=11,value=…</c> or an <c>oemStrings</c> entry.</summary>
    /// <param name="user">Account.</param>
    /// <param name="publicKey">Public key line.</param>
    public static string Render(string user, string publicKey) =>
        "io.systemd.credential.binary:tmpfiles.extra=" + Encode(TmpfilesLines(user, publicKey));

    /// <summary>The tmpfiles.d text inside the credential.</summary>
    internal static string TmpfilesLines(string user, string publicKey)
    {
        var key = publicKey.Trim() + "\n";
        if (user == "root")
        {
            return Folder("/root/.ssh", "0700", "root") + File("/root/.ssh/authorized_keys", "0600", "root", key);
        }

        // Two places for one key: the file under /etc stays when cloud-init rewrites the one in the home folder.
        return File("/etc/ssh/sshd_config.d/00-charly-smbios-ssh.conf", "0644", "root", SshdConfig)
            + Folder("/etc/ssh/authorized_keys.d", "0755", "root")
            + File($"/etc/ssh/authorized_keys.d/{user}", "0644", "root", key)
            + Folder($"/home/{user}/.ssh", "0700", user)
            + File($"/home/{user}/.ssh/authorized_keys", "0600", user, key);
    }

    private static string Folder(string path, string mode, string owner) => $"d {path} {mode} {owner} {owner} -\n";

    private static string File(string path, string mode, string owner, string content) =>
        $"f+~ {path} {mode} {owner} {owner} - {Encode(content)}\n";

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
