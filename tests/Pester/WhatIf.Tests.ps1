param([Parameter(Mandatory)] [string] $Module)

Describe '-WhatIf and -Confirm' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'TestKit.psm1') -Force
        $folders = New-TestHome (Join-Path $TestDrive 'home')
        $old = Use-TestHome $folders
        $kit = Join-Path $PSScriptRoot 'TestKit.psm1'

        # WhatIf goes to the host as text, so it is read from the output of a process.
        function Get-WhatIf([string] $Script) {
            Invoke-FreshShell "
                Import-Module '$kit'
                Import-Module '$Module'
                `$vm, `$state, `$disk, `$plan = Get-Sample | Select-Object -First 4
                $Script" | Where-Object { $_ }
        }
    }

    AfterAll { Reset-TestHome $old }

    It 'say target and action in the words of the user, and do nothing' {
        Get-WhatIf "
            Build-CharlyVm web -WhatIf
            New-CharlyVm web -Start -WhatIf
            New-CharlyVm web -Instance blue -WhatIf
            Start-CharlyVm web, db -WhatIf
            Stop-CharlyVm web -Force -WhatIf
            Suspend-CharlyVm web -WhatIf
            Resume-CharlyVm web -WhatIf
            Restart-CharlyVm web -WhatIf
            Remove-CharlyVm web -WhatIf
            Remove-CharlyVm web -Disk -WhatIf
            Checkpoint-CharlyVm web clean -WhatIf
            Restore-CharlyVmCheckpoint web clean -WhatIf
            Remove-CharlyVmCheckpoint web clean -WhatIf
            Convert-CharlyVmCheckpoint web clean -WhatIf
            Copy-CharlyVm web two -WhatIf
            Copy-CharlyVmItem web:/etc/hostname . -WhatIf
            Sync-CharlyVm web /tmp/ /srv/site -WhatIf
            Copy-CharlyBoxToVm web localhost/shop:1 -Rootless -WhatIf
            Set-CharlyVm web -DiskSize 20G -WhatIf
            Import-CharlyVm old-web -WhatIf
            Import-CharlyVm -All -Update -WhatIf
            Import-CharlyVm old-web -Update -ReplaceLibvirt -WhatIf
            Invoke-CharlyVmCommand web uname -r -WhatIf
            Add-CharlyBundle vm:web nginx -AddCandy vim, git -WhatIf
            Add-CharlyBundle vm:web -WhatIf
            Remove-CharlyBundle vm:web -WhatIf
            Invoke-CharlyPlan `$plan -WhatIf" | Should -Be @(
            'What if: Performing the operation "Build" on target "disk of virtual machine web".'
            'What if: Performing the operation "Create and start" on target "virtual machine web".'
            'What if: Performing the operation "Create" on target "virtual machine web/blue".'
            'What if: Performing the operation "Start" on target "virtual machine web".'
            'What if: Performing the operation "Start" on target "virtual machine db".'
            'What if: Performing the operation "Turn off" on target "virtual machine web".'
            'What if: Performing the operation "Suspend" on target "virtual machine web".'
            'What if: Performing the operation "Resume" on target "virtual machine web".'
            'What if: Performing the operation "Restart" on target "virtual machine web".'
            'What if: Performing the operation "Remove, keeping its disk" on target "virtual machine web".'
            'What if: Performing the operation "Remove, with its disk" on target "virtual machine web".'
            'What if: Performing the operation "Take the snapshot clean" on target "virtual machine web".'
            'What if: Performing the operation "Throw away what it holds since the snapshot clean" on target "virtual machine web".'
            'What if: Performing the operation "Remove the snapshot clean" on target "virtual machine web".'
            'What if: Performing the operation "Copy the snapshot clean into a file of its own" on target "virtual machine web".'
            'What if: Performing the operation "Clone as two" on target "virtual machine web".'
            'What if: Performing the operation "Copy to ." on target "web:/etc/hostname".'
            'What if: Performing the operation "Bring /tmp/ to /srv/site" on target "virtual machine web".'
            'What if: Performing the operation "Copy the image localhost/shop:1" on target "virtual machine web".'
            'What if: Performing the operation "Change" on target "virtual machine web".'
            'What if: Performing the operation "Adopt as a machine of the project" on target "domain old-web".'
            'What if: Performing the operation "Bring the machine up to date" on target "all domains of libvirt".'
            'What if: Performing the operation "Bring the machine up to date, its libvirt part replaced" on target "domain old-web".'
            'What if: Performing the operation "Run: uname -r" on target "virtual machine web".'
            'What if: Performing the operation "Apply nginx with vim, git" on target "vm:web".'
            'What if: Performing the operation "Apply the configured bundle" on target "vm:web".'
            'What if: Performing the operation "Undo the bundle" on target "vm:web".'
            'What if: Performing the operation "Apply 2 steps" on target "vm:web".')
        Get-ChildItem $folders.HOME -Recurse -File -Force | Where-Object FullName -NotMatch '/powershell/' | Should -BeNullOrEmpty
    }

    It 'take whatever stands for a machine' {
        Get-WhatIf '$vm, $state, $disk, "web", "vm:web" | ForEach-Object { $_ | Start-CharlyVm -WhatIf }' |
            Should -Be (@('What if: Performing the operation "Start" on target "virtual machine web".') * 5)
    }

    It 'take whatever stands for a deployment' {
        Get-WhatIf '$vm, $state, $plan, "vm:web" | ForEach-Object { $_ | Remove-CharlyBundle -WhatIf }' |
            Should -Be (@('What if: Performing the operation "Undo the bundle" on target "vm:web".') * 4)
    }

    It 'do each machine once' {
        @(Get-WhatIf '"web", "web", "db" | Stop-CharlyVm -WhatIf').Count | Should -Be 2
    }

    It 'ask before data is lost: without a user to ask, nothing happens' {
        foreach ($line in 'Remove-CharlyVm web -Disk', 'Remove-CharlyBundle vm:web') {
            $text = Invoke-FreshShell "Import-Module '$Module'; try { $line -ErrorAction Stop } catch { `$_.Exception.Message }"
            "$text" | Should -Match 'NonInteractive' -Because $line
        }
    }
}
