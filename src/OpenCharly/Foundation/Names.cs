using System.Text.RegularExpressions;

namespace OpenCharly.Foundation;

/// <summary>The patterns that names must match before they become part of a path, a unit or a command.</summary>
public static partial class Names
{
    /// <summary>Whether this can name a candy: <c>^[a-z0-9][a-z0-9_-]*$</c>.</summary>
    public static bool IsCandy(string name) => Candy().IsMatch(name);

    /// <summary>Whether this can name a charly virtual machine or instance (vm.md §2.4).</summary>
    public static bool IsVm(string name) => Vm().IsMatch(name) && !name.Contains("-eph-", StringComparison.Ordinal);

    /// <summary>Whether this can name the entity of a charly machine: as <see cref="IsVm"/>, with the namespaces in front that lead to it, <c>ns.name</c>.</summary>
    public static bool IsVmEntity(string name) => name.Length <= 63 && Array.TrueForAll(name.Split('.'), IsVm);

    /// <summary>Whether this can name an instance that there may be: as <see cref="IsVm"/>, also one of a short-lived deployment, which nobody may write.</summary>
    public static bool IsVmInstance(string name) => Vm().IsMatch(name);

    /// <summary>Whether this can name a VMFile machine (vm.md §2.4): as a charly machine, also with dots, and not as one's id begins.</summary>
    public static bool IsVmFileVm(string name) =>
        VmFileVm().IsMatch(name) && !name.Contains("-eph-", StringComparison.Ordinal) && !name.StartsWith("charly-", StringComparison.Ordinal);

    /// <summary>Whether this can name a local account.</summary>
    public static bool IsUser(string name) => User().IsMatch(name);

    /// <summary>Whether this can name an environment variable.</summary>
    public static bool IsVariable(string name) => Variable().IsMatch(name);

    /// <summary>Whether this can name a package of any supported format, version suffix and architecture included.</summary>
    public static bool IsPackage(string name) => Package().IsMatch(name);

    /// <summary>Whether this can name a systemd unit: no slash, blank or control character, and not starting with a dash.</summary>
    public static bool IsUnit(string name) => Unit().IsMatch(name);

    [GeneratedRegex(@"^[a-z0-9][a-z0-9_-]*\z")]
    private static partial Regex Candy();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}\z")]
    private static partial Regex Vm();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}\z")]
    private static partial Regex VmFileVm();

    [GeneratedRegex(@"^[a-z_][a-z0-9_-]*\z")]
    private static partial Regex User();

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex Variable();

    // Also what rpm systems call a group (@Development Tools), a capability (perl(JSON::XS)), or by a file in it (/usr/bin/vim).
    [GeneratedRegex(@"^(?:[A-Za-z0-9/][A-Za-z0-9@._+:~=/*()-]*|@[A-Za-z0-9][A-Za-z0-9@._+:~=/*() -]*)\z")]
    private static partial Regex Package();

    [GeneratedRegex(@"^[A-Za-z0-9:_.\\@][A-Za-z0-9:_.\\@-]*\z")]
    private static partial Regex Unit();
}
