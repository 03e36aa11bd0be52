using OpenCharly.Model;
using OpenCharly.Yaml;
using static OpenCharly.Yaml.Nodes;

namespace OpenCharly.Vms.CloudInit;

/// <summary>The <c>users:</c> list of a charly machine (vm.md §5.1).</summary>
internal static class CloudInitUsers
{
    /// <summary>What a rule of <c>true</c> stands for.</summary>
    private const string FullSudo = "ALL=(ALL) NOPASSWD:ALL";

    /// <summary>
    /// The image's default account, the declared ones, and the one that ssh logs in to: declared, or the image's own
    /// with nothing but its key, or a new one that may do everything.
    /// </summary>
    public static YamlNode Render(CloudInitInput input)
    {
        var declared = input.Config?.Users ?? [];
        var users = declared.Select(u => Declared(u, u.Name == input.SshUser ? input.PublicKey : null)).Prepend(Text("default"));
        if (declared.All(u => u.Name != input.SshUser))
        {
            users = users.Append(Exists(input) ? KeyOnly(input.SshUser, input.PublicKey) : Created(input.SshUser, ["wheel", "sudo"], input.PublicKey, lockPassword: true));
        }

        return List(users);
    }

    /// <summary>A new account with all rights.</summary>
    public static YamlMapping Created(string name, IReadOnlyList<string> groups, string? key, bool? lockPassword) => Map(
        ("name", Text(name)),
        ("sudo", Text(FullSudo)),
        ("groups", Texts(groups)),
        ("shell", Text("/bin/bash")),
        ("lock_passwd", lockPassword is { } locked ? Flag(locked) : null),
        ("ssh_authorized_keys", Keys(key)));

    // root is in every image: making it again would give it another shell and groups.
    private static bool Exists(CloudInitInput input) =>
        input.SshUser == "root" || (input.Source is CloudImageSource { BaseUser: { } own } && own == input.SshUser);

    private static YamlMapping KeyOnly(string name, string? key) => Map(("name", Text(name)), ("ssh_authorized_keys", Keys(key)));

    private static YamlMapping Declared(CloudInitUser user, string? key) => Map(
        ("name", Text(user.Name)),
        ("sudo", user.Sudo switch { null or "" or "false" => null, "true" => Text(FullSudo), var rule => Text(rule) }),
        ("groups", user.Groups.Count > 0 ? Texts(user.Groups) : null),
        ("shell", user.Shell is { } shell ? Text(shell) : null),
        ("lock_passwd", user.LockPassword is { } locked ? Flag(locked) : null),
        ("ssh_authorized_keys", Keys(key)));

    private static YamlNode? Keys(string? key) => key is null ? null : Texts([key.Trim()]);
}
