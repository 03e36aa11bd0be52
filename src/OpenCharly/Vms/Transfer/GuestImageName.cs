using System.Text.RegularExpressions;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Transfer;

/// <summary>The name of an image in a container engine's storage: <c>[HOST[:PORT]/]PATH[:TAG]</c>.</summary>
internal static partial class GuestImageName
{
    /// <summary>
    /// The name in full, as the engine would list it: a short one gets the host <c>localhost</c>, one without tag gets <c>latest</c>.
    /// </summary>
    /// <exception cref="CharlyException"><see cref="Errors.BadName"/> for what can't name an image.</exception>
    public static string InFull(string text)
    {
        if (!Pattern().IsMatch(text))
        {
            throw new CharlyException(
                Errors.BadName, $"\"{text}\" can't name an image in a guest", "Write it as NAME:TAG or HOST/PATH:TAG, in lower case; a digest can't be given.", target: text);
        }

        var first = text.Split('/')[0];
        var isHost = text.Contains('/') && (first.Contains('.') || first.Contains(':') || first == "localhost");
        var name = isHost ? text : "localhost/" + text;
        return name.LastIndexOf(':') > name.LastIndexOf('/') ? name : name + ":latest";
    }

    [GeneratedRegex(@"^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?/)?[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?\z")]
    private static partial Regex Pattern();
}
