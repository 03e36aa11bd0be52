using System.Text.RegularExpressions;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Libvirt;

/// <summary>Which libvirt is talked to: this user's own session here, or one behind ssh (vm.md §3.3).</summary>
/// <param name="Text">The address as <c>virsh -c</c> takes it.</param>
/// <param name="Host">The other machine; null for this one.</param>
internal sealed partial record LibvirtUri(string Text, string? Host)
{
    /// <summary>This user's session on this machine.</summary>
    public static readonly LibvirtUri Session = new("qemu:///session", null);

    /// <summary>Reads an address.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.Usage"/> for anything but a session.</exception>
    public static LibvirtUri Parse(string text)
    {
        if (text == Session.Text) return Session;
        if (Remote().Match(text) is { Success: true } match) return new LibvirtUri(text, match.Groups["host"].Value);
        throw new CharlyException(
            Errors.Usage,
            $"\"{text}\" is no libvirt address that machines can be made on",
            "Use qemu:///session, or qemu+ssh://[user@]host[:port]/session.",
            target: text);
    }

    [GeneratedRegex(@"^qemu\+ssh://([A-Za-z0-9_][A-Za-z0-9._-]*@)?(?<host>[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9a-fA-F:]+\])(:[0-9]{1,5})?/session\z")]
    private static partial Regex Remote();
}
