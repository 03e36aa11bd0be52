param([Parameter(Mandatory)] [string] $Module)

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'TestKit.psm1') -Force
    Import-Module $Module
    $samples = Get-Sample | ForEach-Object { @{ Type = $_.GetType().Name; Sample = $_ } }
}

Describe 'Views' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'TestKit.psm1') -Force
        Import-Module $Module
        $xml = [xml](Get-Content (Join-Path (Split-Path $Module) 'formats/OpenCharly.Format.ps1xml') -Raw)
        function Get-PlainText($Objects) { ($Objects | Out-String -Width 120) -replace "`e\[[0-9;]*m" -split "`n" | ForEach-Object TrimEnd }
    }

    It 'hold no logic: a cell is a property, or one call of a formatter' {
        foreach ($block in $xml.SelectNodes('//ScriptBlock')) {
            $block.InnerText | Should -Match '^(\$_\.\w+\.\w+|\[OpenCharly\.PowerShell\.Views\.Format\]::\w+\(\$_(\.\w+)*\))$'
        }
    }

    It 'have columns that fit 120 characters with room for the last' {
        foreach ($table in $xml.SelectNodes('//TableHeaders')) {
            $fixed = @($table.TableColumnHeader | ForEach-Object { if ($_['Width']) { [int]$_.Width + 1 } })
            ($fixed | Measure-Object -Sum).Sum | Should -BeLessOrEqual 98
        }
    }

    Context '<Type>' -ForEach $samples {
        It 'has a table by default' {
            $lines = Get-PlainText $Sample
            $lines | ForEach-Object Length | Measure-Object -Maximum | ForEach-Object Maximum | Should -BeLessOrEqual 120
            @($lines | Where-Object { $_ }).Count | Should -BeGreaterOrEqual 3
            $lines -match '^[ -]*-{2,}[ -]*$' | Should -Not -BeNullOrEmpty
        }

        It 'shows each of its columns at 80 characters as well' {
            $lines = ($Sample | Out-String -Width 80) -split "`n" | Where-Object { $_ }
            $view = $xml.SelectSingleNode("//View[Name='$($Sample.PSObject.TypeNames.Where({ $_ -like 'OpenCharly.*' -and $xml.SelectSingleNode("//View[Name='$_']") })[0])' and TableControl]")
            # A view that groups names the group first.
            $head = $lines.Where({ $_ -notmatch '^ {3}\w+: ' }, 'First')[0]
            foreach ($label in $view.TableControl.TableHeaders.TableColumnHeader.Label) { $head | Should -Match "(^|\W)$label(\W|$)" }
        }

        It 'has cells without an error' {
            $Error.Clear()
            Get-PlainText $Sample | Should -Not -Match '#ERR'
            Get-PlainText ($Sample | Format-List) | Should -Not -Match '#ERR'
            $Error | Should -BeNullOrEmpty
        }

        It 'shows the same table once it was stored, or came from a job' {
            # Two levels deep, as Export-Clixml and jobs store by themselves.
            $stored = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($Sample, 2))
            $stored.PSObject.TypeNames[0] | Should -BeLike 'Deserialized.OpenCharly.*'
            Get-PlainText $stored | Should -Be (Get-PlainText $Sample)
        }

        It 'shows every property in its list' {
            $text = Get-PlainText ($Sample | Format-List)
            $shown = @($text -match '^\w+ *:').ForEach({ ($_ -split ' *:')[0] })
            $renamed = @{ Ssh = 'Ssh', 'Alias'; Succeeded = 'ExitCode'; Undone = 'Steps'; Enabled = 'Runs'; Skip = 'Runs'; Reverse = 'Undo'; ReverseOps = 'Undo'; Operation = 'Kind'; Snapshot = 'Name'; MemoryMb = 'Memory'; Batches = 'Steps'; UnfinishedRun = 'Unfinished'; UnfinishedRuns = 'Unfinished'; Step = 'Step', 'Candy' }
            # The fields of one kind of step are in its summary; Format-List -Property * shows them.
            $properties = $Sample -is [OpenCharly.Plans.InstallStep] ? [OpenCharly.Plans.InstallStep].GetProperties().Name : $Sample.PSObject.Properties.Name
            foreach ($property in $properties) {
                ($renamed[$property] ?? $property) | ForEach-Object { $_ | Should -BeIn $shown -Because "the list view shows $property" }
            }
        }
    }

    It 'show a machine in one line' {
        Get-PlainText (Get-Sample | Where-Object { $_ -is [OpenCharly.Vms.CharlyVm] }) |
            Where-Object { $_ -match '^web +Running +qemu +2 +2\.0 GB +user +4711 127\.0\.0\.1:2222$' } | Should -HaveCount 1
    }

    It 'show both sides of a drift' {
        $drift = Get-Sample | Where-Object { $_ -is [OpenCharly.Ledger.DriftItem] }
        Get-PlainText $drift | Where-Object { $_ -match ' abababab => cdcdcdcd ' } | Should -HaveCount 1
    }

    It 'show why a step will not run' {
        Get-PlainText (Get-Sample | Where-Object { $_ -is [OpenCharly.Plans.ServiceCustomStep] }) | Where-Object { $_ -match 'GateClosed' } | Should -HaveCount 1
    }

    It 'show plan steps of several kinds in one table' {
        $plan = Get-Sample | Where-Object { $_ -is [OpenCharly.Plans.InstallPlan] }
        @(Get-PlainText $plan.Steps | Where-Object { $_ -match '^ +#|Candy +Kind' }).Count | Should -Be 1
    }
}
